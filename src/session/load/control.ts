// The shared cells that start, pause, number and stop the load across the threads of the load host.
const STOP = 0
const BEGUN = 1
const NEXT_REQUEST = 2
const FINISHED = 3
const PAUSED = 4
const HEADER = 5

/** A thread that the system holds up may ask for a completion this many completions later. */
const keptCompletions = 1 << 16

/** `slots` holds completions for closed loops with more requests outstanding than instances. */
export interface ControlCells {
  readonly control: SharedArrayBuffer
  readonly slots: SharedArrayBuffer
}

export const allocateControl = (concurrency: number, instances: number): ControlCells => {
  // A power of two: a number that begins anew at 2³² stays in step.
  const size = concurrency > instances ? 2 ** Math.ceil(Math.log2(keptCompletions + 2 * concurrency)) : 1
  return {
    control: new SharedArrayBuffer(4 * (HEADER + size)),
    slots: new SharedArrayBuffer(8 * (1 + size)),
  }
}

export class Control {
  readonly #cells: Int32Array
  /** [0] when the load begins, ns; then the completions by number. */
  readonly #times: Float64Array
  readonly #mask: number
  /** Of this thread's last id: the cell has 32 bits, which a model of microseconds uses up in hours. */
  #id = 0

  constructor(cells: ControlCells) {
    this.#cells = new Int32Array(cells.control)
    this.#times = new Float64Array(cells.slots)
    this.#mask = this.#times.length - 2
  }

  begin(at: number): void {
    this.#times[0] = at
    Atomics.store(this.#cells, BEGUN, 1)
    Atomics.notify(this.#cells, BEGUN)
  }
  get begun(): boolean {
    return Atomics.load(this.#cells, BEGUN) === 1
  }
  get beginAt(): number {
    return this.#times[0]!
  }
  /** Blocks the thread until the load begins or the time is over, ms. */
  waitForBegin(ms: number): void {
    Atomics.wait(this.#cells, BEGUN, 0, ms)
  }

  stop(): void {
    Atomics.store(this.#cells, STOP, 1)
    Atomics.notify(this.#cells, STOP)
  }
  get stopped(): boolean {
    return Atomics.load(this.#cells, STOP) === 1
  }
  /** Blocks the thread for `ms`, or until the load is stopped. */
  sleep(ms: number): void {
    Atomics.wait(this.#cells, STOP, 0, ms)
  }

  /** Blocking targets only: no instance takes a id until {@link resume}. */
  pause(): void {
    Atomics.store(this.#cells, PAUSED, 1)
  }
  resume(): void {
    Atomics.store(this.#cells, PAUSED, 0)
    Atomics.notify(this.#cells, PAUSED)
  }
  get paused(): boolean {
    return Atomics.load(this.#cells, PAUSED) === 1
  }
  /** Blocks the thread for `ms`, or until the pause ends. */
  sleepPaused(ms: number): void {
    Atomics.wait(this.#cells, PAUSED, 1, ms)
  }

  nextRequest(): number {
    const low = Atomics.add(this.#cells, NEXT_REQUEST, 1) >>> 0
    let id = this.#id - (this.#id % 2 ** 32) + low
    if (id < this.#id) id += 2 ** 32
    this.#id = id
    return id
  }

  /** Tells the time of a completion; they are numbered in the order told. */
  complete(at: number): void {
    const number = Atomics.add(this.#cells, FINISHED, 1)
    const slot = number & this.#mask
    this.#times[1 + slot] = at
    // Published by its number, one up so that zero means "none yet".
    Atomics.store(this.#cells, HEADER + slot, (number + 1) | 0)
  }

  /**
   * Time of the completion with that number, which must have been taken already; `undefined` when so many came since that it
   * is not kept any more.
   */
  completion(number: number): number | undefined {
    const slot = number & this.#mask
    for (;;) {
      const published = Atomics.load(this.#cells, HEADER + slot)
      // Numbers are those of 32 bits: of two the later is ahead by less than half of them.
      const ahead = (published - (number + 1)) | 0
      if (ahead > 0) return undefined
      const time = this.#times[1 + slot]!
      // Another thread may be about to write the next one there: the number is looked at again.
      if (ahead === 0 && Atomics.load(this.#cells, HEADER + slot) === published) return time
      // Between taking its number and publishing it the other thread is two stores away.
      if (this.stopped) return undefined
    }
  }
}
