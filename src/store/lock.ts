// Who is measuring into a folder: boot id, pid and the process's start time, so that a pid that was given out again is not
// taken for the writer, nor a run from before a reboot for a live one. Decides; never ends a process.
import { linkSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { randomBytes } from 'node:crypto'
import { guarded } from './failure.ts'
import { paths } from './layout.ts'

export interface LockFacts {
  readonly host: string
  /** Of this boot of the machine; empty where there is none. */
  readonly boot: string
  /** Names of the process's pid namespace: pids mean nothing in another. Empty where there are none. */
  readonly pids: string
  readonly pid: number
  /** Start of the process in ticks since boot; empty where there is no /proc. */
  readonly started: string
}

/** `live`: its writer runs; `dead`: it ended without releasing it; `none`: there is no lock. */
export type LockState = 'live' | 'dead' | 'none'

/** A writer that cannot be seen from here (another host or container) lives while it touched its lock so recently. */
const unseenMs = 60_000

/**
 * Locks a folder for this process, taking over a dead lock. Of several at the same moment one gets it.
 * @returns whether this process holds it now.
 * @throws TailwattError `cannot-store`.
 */
export function takeLock(folder: string): boolean {
  const { lock } = paths(folder)
  const own = `${lock}.${randomBytes(6).toString('hex')}`
  return guarded(folder, () => {
    try {
      // Written aside and linked, so that nobody ever reads half a lock.
      writeFileSync(own, JSON.stringify(ownFacts()))
      return linked(own, lock) || (deadRemoved(lock, `${own}.dead`) && linked(own, lock))
    } finally {
      rmSync(own, { force: true })
    }
  })
}

/** Gives `from` the name `to` as well; false when there is such a file already. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    if (code === 'ENOENT' || code === 'ENOSPC' || code === 'EROFS' || code === 'EACCES') throw error
  }
  // A file system without hard links.
  try {
    writeFileSync(to, readFileSync(from), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Removes a lock if it is dead: by renaming, which of several only one can, and a second look at what it got. */
function deadRemoved(lock: string, aside: string): boolean {
  if (stateOf(lock) === 'live') return false
  try {
    renameSync(lock, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
    throw error
  }
  const live = stateOf(aside) === 'live'
  if (live) linked(aside, lock)
  rmSync(aside, { force: true })
  return !live
}

/** Removes the lock, if there is one. */
export const releaseLock = (folder: string): void => rmSync(paths(folder).lock, { force: true })

/** Tells those who cannot see this process that it is alive. */
export function touchLock(folder: string): void {
  try {
    const now = new Date()
    utimesSync(paths(folder).lock, now, now)
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
  const visible = facts.boot === own.boot && facts.pids === own.pids && (own.boot !== '' || facts.host === own.host)
  if (visible) return startOf(facts.pid) === facts.started ? 'live' : 'dead'
  return Date.now() - touched(lock) < unseenMs ? 'live' : 'dead'
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
  boot: textOf('/proc/sys/kernel/random/boot_id')?.trim() ?? '',
  pids: pidNamespace(),
  pid: process.pid,
  started: startOf(process.pid) ?? '',
})

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

/** Start time of a process that runs; where there is no /proc, '' if it runs at all. */
function startOf(pid: number): string | undefined {
  const stat = textOf(`/proc/${pid}/stat`)
  if (stat !== undefined) {
    // proc(5): the name in parentheses may hold anything; state is field 3, starttime field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie has ended: it measures nothing any more.
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
  }
  if (process.platform === 'linux') return undefined
  try {
    process.kill(pid, 0)
    return ''
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? '' : undefined
  }
}

function touched(path: string): number {
  try {
    return statSync(path).mtimeMs
  } catch {
    return 0
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
