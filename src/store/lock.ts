// Who is measuring into a folder: boot id, pid and the process's start time, so that a pid that was given out again is not
// taken for the writer, nor a run from before a reboot for a live one.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { guarded } from './journal.ts'

export interface LockFacts {
  readonly boot: string
  readonly pid: number
  readonly started: string
}

export const lockPath = (folder: string): string => join(folder, 'lock')

export function takeLock(folder: string): void {
  guarded(folder, () => writeFileSync(lockPath(folder), JSON.stringify(ownFacts())))
}

export const releaseLock = (folder: string): void => rmSync(lockPath(folder), { force: true })

/** `live`: its writer runs; `dead`: it ended without releasing it; `none`: there is no lock. */
export function lockState(folder: string): 'live' | 'dead' | 'none' {
  const text = textOf(lockPath(folder))
  if (text === undefined) return 'none'
  let facts: LockFacts
  try {
    facts = JSON.parse(text) as LockFacts
  } catch {
    // Torn by a crash while it was written: its writer is gone.
    return 'dead'
  }
  return facts.boot === bootId() && startOf(facts.pid) === facts.started ? 'live' : 'dead'
}

const ownFacts = (): LockFacts => ({ boot: bootId(), pid: process.pid, started: startOf(process.pid) ?? '' })

const bootId = (): string => textOf('/proc/sys/kernel/random/boot_id')?.trim() ?? ''

/** Start time of a process in ticks since boot; where there is no /proc, whether it runs at all. */
function startOf(pid: number): string | undefined {
  const stat = textOf(`/proc/${pid}/stat`)
  if (stat !== undefined) {
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie has ended: it measures nothing any more.
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
  }
  if (process.platform === 'linux') return undefined
  try {
    process.kill(pid, 0)
    return ''
  } catch {
    return undefined
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
