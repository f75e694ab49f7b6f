// The kernel stamps what it receives by the wall clock; a run has the monotonic one. Their distance is found between two
// readings of the latter, and again all the time: it drifts while the wall clock is slewed, and jumps when it is set.
import { clockId, pinned, type Libc } from './libc.ts'

/** Readings of which the tightest counts. */
const tries = { first: 20, later: 3 }
/** A slewed clock drifts by 500 ppm at most: what goes beyond that since the last look is a step. */
const drift = 5e-4
/** Of what two readings may be apart, ns. */
const slack = 20_000

export class WallClock {
  readonly #read: () => void
  readonly #now: () => number
  readonly #time = pinned(16)
  readonly #view = new DataView(this.#time.buffer)
  /** Whole seconds at the beginning, so that nanoseconds of today stay exact. */
  readonly #base: number
  /** Wall time since `base`, minus run time, ns. */
  #offset = 0
  #looked = 0
  /** When the clock was last found set, ns on the run's clock; nothing stamped before can be told. */
  steppedAt: number = Number.NEGATIVE_INFINITY
  steps = 0

  /** @param now ns on the run's clock @param read for tests: writes `struct timespec` of the wall clock */
  constructor(libc: Pick<Libc, 'clock_gettime'>, now: () => number) {
    this.#now = now
    this.#read = () => void libc.clock_gettime(clockId.real, this.#time)
    this.#read()
    this.#base = Number(this.#view.getBigInt64(0, true))
    this.#offset = this.#distance(tries.first)
    this.#looked = now()
  }

  /** ns on the run's clock of a stamp. */
  at(seconds: number, nanoseconds: number): number {
    return (seconds - this.#base) * 1e9 + nanoseconds - this.#offset
  }

  /** Finds the distance anew; true when the wall clock was set since the last look. */
  look(): boolean {
    const offset = this.#distance(tries.later)
    const at = this.#now()
    const stepped = Math.abs(offset - this.#offset) > slack + drift * (at - this.#looked)
    this.#offset = offset
    this.#looked = at
    if (stepped) {
      this.steppedAt = at
      this.steps++
    }
    return stepped
  }

  #distance(count: number): number {
    let distance = 0
    let tightest = Number.POSITIVE_INFINITY
    for (let i = 0; i < count; i++) {
      const before = this.#now()
      this.#read()
      const after = this.#now()
      if (after - before >= tightest) continue
      tightest = after - before
      const seconds = Number(this.#view.getBigInt64(0, true))
      distance = (seconds - this.#base) * 1e9 + this.#view.getInt32(8, true) - (before + after) / 2
    }
    return distance
  }
}
