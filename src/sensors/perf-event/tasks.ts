// The tasks of one process: its threads when it is attached to, each with all groups, and what those start later by
// inheritance. A process with very many threads is counted in part, the busiest first, and that is said.
import type { Host } from '../../host/host.ts'
import { perfRefusal } from '../../host/perf-event.ts'
import { processTimes } from '../../host/proc.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import { openGroup, type EventGroup, type OpenGroup, type Opening } from './groups.ts'
import { ScaledCounts, type CountTotals } from './scaled-counts.ts'

/** Some 5 µs each and reading. */
const mostTasks = 64

interface Task {
  readonly groups: readonly { readonly open: OpenGroup; readonly latest: ScaledCounts }[]
}

const errno = { ESRCH: 3 }

export class Tasks {
  readonly lacks: readonly Unmeasured[]
  readonly #tasks: Task[] = []

  /** @param groups led by the task clock's */
  constructor(host: Host, opening: Opening, groups: readonly EventGroup[], pid: number) {
    const threads = threadsOf(host, pid)
    const chosen = busiest(host, pid, threads, Math.min(mostTasks, affordable(host, groups)))
    let refused = 0
    for (const tid of chosen) {
      const code = this.#open(opening, groups, tid)
      // A thread may end meanwhile; what else is refused once will be refused again.
      if (code === 0 || code === errno.ESRCH) continue
      refused = code
      break
    }
    if (this.counted === 0 && refused === 0) refused = errno.ESRCH
    this.lacks = this.#lacking(host, threads.length, chosen.length, refused, opening.userOnly)
  }

  get counted(): number {
    return this.#tasks.length
  }

  #open(opening: Opening, groups: readonly EventGroup[], tid: number): number {
    const opened: Task['groups'][number][] = []
    for (const group of groups) {
      const open = openGroup(opening, group, { pid: tid, cpu: -1 })
      if (typeof open === 'number') {
        for (const other of opened) other.open.close()
        return open
      }
      opened.push({ open, latest: new ScaledCounts(group.events.length) })
    }
    this.#tasks.push({ groups: opened })
    return 0
  }

  #lacking(host: Host, all: number, chosen: number, refused: number, userOnly: boolean): readonly Unmeasured[] {
    const row = (reason: string, remedy: string): Unmeasured => ({ what: 'perf-event/target', reason, remedy })
    if (refused !== 0) {
      const why = perfRefusal(host, refused, userOnly ? 'user' : 'process')
      const part = this.counted === 0 ? '' : `counted in ${this.counted} of ${all} threads, the busiest: `
      return [row(`${part}${why.reason}`, why.remedy)]
    }
    if (chosen === all) return []
    return [
      row(
        `counted in ${this.counted} of ${all} threads, those that had used most CPU time, and what these start`,
        'let the process have fewer threads; procfs counts the CPU time of all',
      ),
    ]
  }

  /** Adds what was counted since the last call; `totals` in the order of the groups. False when nothing could be read. */
  read(totals: readonly CountTotals[]): boolean {
    let any = false
    const clock = totals[0]!
    for (const task of this.#tasks) {
      const first = task.groups[0]!
      const before = clock.counts[0]
      if (!first.open.read(first.latest, clock)) continue
      any = true
      // A task that did not run counted nothing.
      if (clock.counts[0] === before) continue
      for (let i = 1; i < task.groups.length; i++) {
        const { open, latest } = task.groups[i]!
        open.read(latest, totals[i]!)
      }
    }
    return any
  }

  close(): void {
    for (const { groups } of this.#tasks.splice(0)) for (const { open } of groups) open.close()
  }
}

function threadsOf(host: Host, pid: number): readonly number[] {
  return host
    .list(`/proc/${pid}/task`)
    .map(Number)
    .filter((tid) => Number.isInteger(tid) && tid > 0)
}

function busiest(host: Host, pid: number, threads: readonly number[], most: number): readonly number[] {
  if (threads.length <= most) return threads
  const used = new Map(
    threads.map((tid) => {
      const stat = host.readFile(`/proc/${pid}/task/${tid}/stat`)
      return [tid, (stat === undefined ? undefined : processTimes(stat))?.cpu ?? 0]
    }),
  )
  return [...threads].sort((a, b) => used.get(b)! - used.get(a)! || a - b).slice(0, most)
}

/** Tasks for which half of the process's file descriptors are enough; the rest are for its other work. */
function affordable(host: Host, groups: readonly EventGroup[]): number {
  const [, limit] = /^Max open files\s+(\d+)/m.exec(host.readFile('/proc/self/limits') ?? '') ?? []
  if (limit === undefined) return mostTasks
  const each = groups.reduce((sum, { events, pmus }) => sum + events.length * pmus.length, 0)
  return Math.max(1, Math.floor(Number(limit) / 2 / each))
}
