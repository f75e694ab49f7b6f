// Precise wake-ups for the load thread of an open loop, by a thread that does nothing else.
import { Worker } from 'node:worker_threads'

/** Wakes this thread's loop at a planned time, by a message from a thread that sleeps on it (65 to 120 µs late). */
export class Ticker {
  readonly #cells = new SharedArrayBuffer(16)
  readonly #armed = new Int32Array(this.#cells, 0, 1)
  readonly #at = new Float64Array(this.#cells, 8, 1)
  readonly #worker: Worker
  #step: (() => void) | undefined
  #planned = Number.POSITIVE_INFINITY

  /** @param epoch of the run's clock, a reading of `process.hrtime.bigint` */
  constructor(epoch: bigint) {
    this.#worker = new Worker(new URL('./ticker.worker.js', import.meta.url), {
      workerData: { cells: this.#cells, epoch },
    })
    this.#worker.on('message', () => {
      this.#planned = Number.POSITIVE_INFINITY
      this.#step?.()
    })
  }

  wakeAt(planned: number, step: () => void): void {
    this.#step = step
    // Answers look at the plan too: the ticker already waits for this very time then.
    if (planned === this.#planned) return
    this.#planned = planned
    this.#at[0] = planned
    Atomics.add(this.#armed, 0, 1)
    Atomics.notify(this.#armed, 0)
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}
