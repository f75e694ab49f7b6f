// The threads of a process, and of very many those that are worth reading.
import type { Host } from '../host/host.ts'
import { processTimes } from '../host/proc.ts'

export const threadsOf = (host: Host, pid: number): readonly number[] =>
  host
    .list(`/proc/${pid}/task`)
    .map(Number)
    .filter((tid) => Number.isInteger(tid) && tid > 0)

/** At most so many, those that used most CPU time before others. */
export function busiestOf(host: Host, pid: number, tids: readonly number[], most: number): readonly number[] {
  if (tids.length <= most) return tids
  const used = new Map(
    tids.map((tid) => [tid, processTimes(host.readFile(`/proc/${pid}/task/${tid}/stat`) ?? '')?.cpu ?? 0]),
  )
  return [...tids].sort((a, b) => used.get(b)! - used.get(a)! || a - b).slice(0, Math.max(0, most))
}
