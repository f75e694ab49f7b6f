// Who is measuring into a folder: boot id, pid and the process's start time, so that a pid that was given out again is not
// taken for the writer, nor a run from before a reboot for a live one. Decides; never ends a process.
import { hostname } from 'node:os'
import { randomBytes } from 'node:crypto'
import { closeSync } from 'node:fs'
import { TailwattError } from '../base/errors.ts'
import { bootId, pidNamespace, processStart } from '../host/process-identity.ts'
import { writeFully } from '../host/regular-file.ts'
import {
  createEntry,
  entryKind,
  linkEntry,
  readEntry,
  removeEntry,
  renameEntry,
  touchedAt,
  touchEntry,
} from './door.ts'
import { guarded } from './failure.ts'
import { paths } from './layout.ts'

/** A run is live while it is measured; one that is being recovered is as dead as it was, until its document is there. */
export type LockPurpose = 'measure' | 'recover'

export interface LockFacts {
  readonly host: string
  /** Of this boot of the machine; empty where there is none. */
  readonly boot: string
  /** Names of the process's pid namespace: pids mean nothing in another. Empty where there are none. */
  readonly pids: string
  readonly pid: number
  /** Start of the process in ticks since boot; empty where there is no /proc. */
  readonly started: string
  /** Missing in locks of earlier versions: `measure`. */
  readonly purpose?: LockPurpose
}

/** `live`: its writer runs; `recovering`: somebody finishes it; `dead`: its holder ended without releasing it; `none`: no lock. */
export type LockState = 'live' | 'recovering' | 'dead' | 'none'

/** Of a lock; ours have 200. */
const mostBytes = 64_000

/** A writer that cannot be seen from here (another host or container) lives while it touched its lock so recently. */
const unseenMs = 60_000

/**
 * Locks a folder for this process, taking over a dead lock. Of several at the same moment one gets it.
 * @returns whether this process holds it now.
 * @throws TailwattError `cannot-store`.
 */
export function takeLock(folder: string, purpose: LockPurpose): boolean {
  const { lock } = paths(folder)
  const own = `${lock}.${randomBytes(6).toString('hex')}`
  return guarded(folder, () => {
    const text = JSON.stringify({ ...ownFacts(), purpose })
    try {
      // Written aside and linked, so that nobody ever reads half a lock.
      create(own, text)
      return linked(own, lock, text) || (deadRemoved(lock, `${own}.dead`) && linked(own, lock, text))
    } finally {
      removeEntry(own)
    }
  })
}

function create(path: string, text: string): void {
  const fd = createEntry(path)
  try {
    writeFully(fd, Buffer.from(text))
  } finally {
    closeSync(fd)
  }
}

/** Gives `from` the name `to` as well; false when there is such a file already. */
function linked(from: string, to: string, text: string): boolean {
  try {
    linkEntry(from, to)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    if (code === 'ENOENT' || code === 'ENOSPC' || code === 'EROFS' || code === 'EACCES') throw error
  }
  // A file system without hard links.
  try {
    create(to, text)
    return true
  } catch (error) {
    if (error instanceof TailwattError && (error.cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Removes a lock if it is dead: by renaming, which of several only one can, and a second look at what it got. */
function deadRemoved(lock: string, aside: string): boolean {
  if (isHeld(stateOf(lock))) return false
  if (entryKind(lock) === 'folder')
    throw new TailwattError('cannot-store', { path: lock, message: 'a folder of that name is in the way' })
  try {
    renameEntry(lock, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
    throw error
  }
  const held = isHeld(stateOf(aside))
  if (held) linked(aside, lock, textOf(aside) ?? '')
  removeEntry(aside)
  return !held
}

const isHeld = (state: LockState): boolean => state === 'live' || state === 'recovering'

/** Removes the lock, if there is one. */
export const releaseLock = (folder: string): void => removeEntry(paths(folder).lock)

/** Tells those who cannot see this process that it is alive. */
export function touchLock(folder: string): void {
  try {
    touchEntry(paths(folder).lock)
  } catch {
    // The folder may have been removed by its owner, and writing rows will say so.
  }
}

export const lockState = (folder: string): LockState => stateOf(paths(folder).lock)

function stateOf(lock: string): LockState {
  const text = textOf(lock)
  if (text === undefined) return 'none'
  const facts = parse(text)
  if (!facts) return 'dead'
  const own = ownFacts()
  if (facts.host === own.host && facts.boot !== own.boot) return 'dead'
  const held = facts.purpose === 'recover' ? 'recovering' : 'live'
  const visible = facts.boot === own.boot && facts.pids === own.pids && (own.boot !== '' || facts.host === own.host)
  if (visible) return startOf(facts.pid) === facts.started ? held : 'dead'
  return Date.now() - touchedAt(lock) < unseenMs ? held : 'dead'
}

function parse(text: string): LockFacts | undefined {
  try {
    const facts = JSON.parse(text) as Partial<LockFacts> | null
    return typeof facts?.pid === 'number' && typeof facts.started === 'string' ? (facts as LockFacts) : undefined
  } catch {
    // Torn by a power cut: its writer is gone with it.
    return undefined
  }
}

const ownFacts = (): LockFacts => ({
  host: hostname(),
  boot: bootId(),
  pids: pidNamespace(),
  pid: process.pid,
  started: startOf(process.pid) ?? '',
})

/** Start time of a process that runs; where there is no /proc, '' if it runs at all. */
function startOf(pid: number): string | undefined {
  const start = processStart(pid)
  if (start !== undefined || process.platform === 'linux') return start
  try {
    process.kill(pid, 0)
    return ''
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? '' : undefined
  }
}

/** What a lock says; `undefined` when there is none, empty for what no writer made: a link, a pipe, something huge. */
function textOf(path: string): string | undefined {
  try {
    return readEntry(path, mostBytes)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : ''
  }
}
