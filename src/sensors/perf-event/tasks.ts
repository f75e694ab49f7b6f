// The tasks of one process: its threads when it is attached to, each with all groups, and what those start later by
// inheritance. A process with very many threads is counted in part, the busiest first, and that is said.
import type { Host } from '../../host/host.ts'
import { perfRefusal } from '../../host/perf-event.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import { busiestOf, threadsOf } from '../busiest-threads.ts'
import { openAll, openGroup, type EventGroup, type OpenGroup, type Opening } from './groups.ts'
import type { CountTotals } from './scaled-counts.ts'

/** Some 5 µs each and reading. */
const mostTasks = 64
/** What one reading may spend on attaching, ns; the next goes on with the rest. */
const perReading = 10e6

const errno = { ESRCH: 3 }

export class Tasks {
  readonly #host: Host
  readonly #opening: Opening
  readonly #groups: readonly EventGroup[]
  readonly #lacks: Unmeasured[]
  /** The groups of each task. */
  readonly #tasks: (readonly OpenGroup[])[] = []
  readonly #all: number
  readonly #chosen: number
  #pending: readonly number[]

  /** @param groups led by the task clock's @param lacks gets what is not counted, once that is known */
  constructor(
    host: Host,
    opening: Opening,
    groups: readonly EventGroup[],
    process: { readonly pid: number; readonly lacks: Unmeasured[] },
  ) {
    const { pid } = process
    this.#host = host
    this.#opening = opening
    this.#groups = groups
    this.#lacks = process.lacks
    const threads = threadsOf(host, pid)
    this.#all = threads.length
    this.#pending = busiestOf(host, pid, threads, Math.min(mostTasks, affordable(host, groups)))
    this.#chosen = this.#pending.length
    this.#attach()
  }

  /** Nothing of it could be attached to. */
  get barred(): boolean {
    return this.#tasks.length === 0 && this.#pending.length === 0
  }

  #attach(): void {
    const begun = this.#host.now()
    let done = 0
    let refused = 0
    for (const tid of this.#pending) {
      if (done > 0 && this.#host.now() - begun > perReading) break
      done++
      const opened = openAll(this.#groups, (group) => openGroup(this.#opening, group, { pid: tid, cpu: -1 }))
      if (typeof opened !== 'number') this.#tasks.push(opened)
      // A thread may end meanwhile; what else is refused once will be refused again.
      else if (opened !== errno.ESRCH) {
        refused = opened
        break
      }
    }
    this.#pending = refused === 0 ? this.#pending.slice(done) : []
    if (this.#pending.length > 0) return
    if (this.#tasks.length === 0 && refused === 0) refused = errno.ESRCH
    this.#lacks.push(...this.#lacking(refused))
  }

  #lacking(refused: number): readonly Unmeasured[] {
    const counted = this.#tasks.length
    const row = (reason: string, remedy: string): Unmeasured => ({ what: 'perf-event/target', reason, remedy })
    if (refused !== 0) {
      const why = perfRefusal(this.#host, refused, this.#opening.userOnly ? 'user' : 'process')
      const part = counted === 0 ? '' : `counted in ${counted} of ${this.#all} threads, the busiest: `
      return [row(`${part}${why.reason}`, why.remedy)]
    }
    if (this.#chosen === this.#all) return []
    return [
      row(
        `counted in ${counted} of ${this.#all} threads, those that had used most CPU time, and what these start`,
        'let the process have fewer threads; procfs counts the CPU time of all',
      ),
    ]
  }

  /** Adds what was counted since the last call; `totals` in the order of the groups. False when nothing could be read. */
  read(totals: readonly CountTotals[]): boolean {
    if (this.#pending.length > 0) this.#attach()
    let any = false
    const clock = totals[0]!
    for (const task of this.#tasks) {
      const before = clock.counts[0]
      if (!task[0]!.read(clock)) continue
      any = true
      // A task that did not run counted nothing.
      if (clock.counts[0] === before) continue
      for (let i = 1; i < task.length; i++) task[i]!.read(totals[i]!)
    }
    return any
  }

  close(): void {
    this.#pending = []
    for (const open of this.#tasks.splice(0).flat()) open.close()
  }
}

/** Tasks for which half of the process's file descriptors are enough; the rest are for its other work. */
function affordable(host: Host, groups: readonly EventGroup[]): number {
  const [, limit] = /^Max open files\s+(\d+)/m.exec(host.readFile('/proc/self/limits') ?? '') ?? []
  if (limit === undefined) return mostTasks
  const each = groups.reduce((sum, { events, pmus }) => sum + events.length * pmus.length, 0)
  return Math.max(1, Math.floor(Number(limit) / 2 / each))
}
