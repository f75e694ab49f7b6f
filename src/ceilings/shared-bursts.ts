// What the threads of a probe share: a barrier, how much a burst does, when each began and ended, and how long it had to wait.
import { quietShare } from './run-queue.ts'

/** Groups of bursts at most: where others use the CPU, a quiet moment is waited for. */
export const groups = 3

export interface BurstCells {
  readonly barrier: SharedArrayBuffer
  readonly work: SharedArrayBuffer
  readonly times: SharedArrayBuffer
}

export class SharedBursts {
  readonly cells: BurstCells
  readonly #threads: number
  readonly #bursts: number
  readonly #barrier: Int32Array
  readonly #work: Int32Array
  readonly #times: Float64Array

  constructor(threads: number, steps: number, bursts: number, cells?: BurstCells) {
    this.cells = cells ?? {
      barrier: new SharedArrayBuffer(8),
      work: new SharedArrayBuffer(8 * steps),
      times: new SharedArrayBuffer(8 * steps * groups * bursts * threads * 3),
    }
    this.#threads = threads
    this.#bursts = bursts
    this.#barrier = new Int32Array(this.cells.barrier)
    this.#work = new Int32Array(this.cells.work)
    this.#times = new Float64Array(this.cells.times)
  }

  /** Returns once all threads have come here. Who waits sleeps: a spinning thread would slow the one that is measured. */
  meet(): void {
    const generation = Atomics.load(this.#barrier, 1)
    if (Atomics.add(this.#barrier, 0, 1) === this.#threads - 1) {
      Atomics.store(this.#barrier, 0, 0)
      Atomics.add(this.#barrier, 1, 1)
      Atomics.notify(this.#barrier, 1)
      return
    }
    while (Atomics.load(this.#barrier, 1) === generation) Atomics.wait(this.#barrier, 1, generation)
  }

  setWork(step: number, amount: number): void {
    Atomics.store(this.#work, 2 * step, amount)
  }

  work(step: number): number {
    return Atomics.load(this.#work, 2 * step)
  }

  /** Bursts made of a step. */
  setCount(step: number, count: number): void {
    Atomics.store(this.#work, 2 * step + 1, count)
  }

  count(step: number): number {
    return Atomics.load(this.#work, 2 * step + 1)
  }

  /** ns on the host's monotonic clock, which all threads share. */
  record(step: number, burst: number, thread: number, times: { from: number; to: number; waited: number }): void {
    const at = this.#at(step, burst, thread)
    this.#times[at] = times.from
    this.#times[at + 1] = times.to
    this.#times[at + 2] = times.waited
  }

  /** Whether in one of the bursts no thread had to wait for a CPU, its start included. */
  quiet(step: number, threads: number): boolean {
    for (let burst = 0; burst < this.count(step); burst++) {
      const allowed = quietShare * this.seconds(step, burst, threads) * 1e9
      let first = Number.POSITIVE_INFINITY
      let last = 0
      let waited = 0
      for (let thread = 0; thread < threads; thread++) {
        const at = this.#at(step, burst, thread)
        first = Math.min(first, this.#times[at]!)
        last = Math.max(last, this.#times[at]!)
        // NaN where the kernel does not count it.
        if (this.#times[at + 2]! > waited) waited = this.#times[at + 2]!
      }
      if (waited + last - first <= allowed) return true
    }
    return false
  }

  /** From the first thread's begin to the last one's end, s; for the threads 0 … `threads` − 1. */
  seconds(step: number, burst: number, threads: number): number {
    let from = Number.POSITIVE_INFINITY
    let to = Number.NEGATIVE_INFINITY
    for (let thread = 0; thread < threads; thread++) {
      const at = this.#at(step, burst, thread)
      from = Math.min(from, this.#times[at]!)
      to = Math.max(to, this.#times[at + 1]!)
    }
    return (to - from) / 1e9
  }

  #at(step: number, burst: number, thread: number): number {
    return ((step * groups * this.#bursts + burst) * this.#threads + thread) * 3
  }
}
