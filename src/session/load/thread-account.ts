// What a thread of the load host tells about itself: garbage collections, errors, and its CPU time at the end.
import { readFileSync } from 'node:fs'
import { PerformanceObserver, constants, performance, type PerformanceEntry } from 'node:perf_hooks'
import type { Occurrence } from '../../run/event.ts'

/** Errors told in words by each thread; the requests table has all of them. */
const toldErrors = 100

const collections: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weak callbacks',
}

export class ThreadAccount {
  readonly #thread: string
  readonly #now: () => number
  readonly #tell: (event: Occurrence) => void
  readonly #observer: PerformanceObserver
  #told = 0
  #cpu = 0
  #waited = 0
  #wall = 0
  spinNs = 0

  constructor(thread: string, now: () => number, tell: (event: Occurrence) => void) {
    this.#thread = thread
    this.#now = now
    this.#tell = tell
    this.#observer = new PerformanceObserver((list) => this.#collected(list.getEntries()))
    this.#observer.observe({ entryTypes: ['gc'] })
  }

  #collected(entries: readonly PerformanceEntry[]): void {
    for (const entry of entries) {
      // Entries are on this thread's performance clock; the end of the pause is told on the run's.
      const end = this.#now() - (performance.now() - entry.startTime - entry.duration) * 1e6
      const { kind } = (entry as unknown as { detail: { kind: number } }).detail
      this.#tell({
        t: end,
        kind: 'gc',
        data: { thread: this.#thread, kind: collections[kind] ?? String(kind), duration_ms: entry.duration },
      })
    }
  }

  /** From here on time is accounted. */
  begin(): void {
    const { cpu, waited } = threadTimes()
    this.#cpu = cpu
    this.#waited = waited
    this.#wall = this.#now()
    this.spinNs = 0
  }

  error(code: string, message: string, request: number): void {
    if (this.#told++ >= toldErrors) return
    this.#tell({ t: this.#now(), kind: 'error', data: { code, message, request } })
  }

  end(): void {
    // Those that no turn of the event loop has handed over yet.
    this.#collected(this.#observer.takeRecords())
    this.#observer.disconnect()
    const { cpu, waited } = threadTimes()
    this.#tell({
      t: this.#now(),
      kind: 'host_usage',
      data: {
        thread: this.#thread,
        cpu_s: (cpu - this.#cpu) / 1e9,
        wall_s: (this.#now() - this.#wall) / 1e9,
        spin_s: this.spinNs / 1e9,
        waited_s: (waited - this.#waited) / 1e9,
      },
    })
  }
}

interface ThreadTimes {
  readonly cpu: number
  /** It was ready and had no CPU. */
  readonly waited: number
}

/** Of the calling thread, ns (schedstat's first two fields); NaN where the kernel does not tell. */
function threadTimes(): ThreadTimes {
  try {
    const [cpu, waited] = readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ').map(Number)
    return { cpu: cpu ?? Number.NaN, waited: waited ?? Number.NaN }
  } catch {
    return { cpu: Number.NaN, waited: Number.NaN }
  }
}
