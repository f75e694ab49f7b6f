// The arithmetic of hardware energy counters: wraps, resets, lost and implausible readings. Whole microjoules throughout,
// so sums are exact; knows nothing of files. Rules after the kernel's powercap documentation: a counter wraps at its range.

/**
 * `reset`: it began anew. `lost`: so long without a reading that it may have wrapped unseen. `implausible`: the reading
 * itself is refused, and the next one is compared with the last good one.
 */
export type CounterStep = 'first' | 'ok' | 'reset' | 'lost' | 'implausible'

export interface CounterLimits {
  /** Value at which the counter wraps (`max_energy_range_uj`), µJ; without it a fall is a reset. */
  readonly range?: number | undefined
  /** Most the device is rated for, W, where it says so (`constraint_*_max_power_uw`). */
  readonly ratedWatts?: number | undefined
}

/** No package of today is rated for more; what says less of itself is given this much all the same. */
const leastRatedWatts = 2000
/** Readings that need more than this many times the rated power are wrong: turbo peaks reach about twice. */
const plausibleFactor = 3

/**
 * Unwraps a counter. A fall by more than half the range is a wrap; any other fall is a reset: that interval's energy is
 * unknown and not made up. A wrap or rise that needs more power than can be (which is what a suspended host, a counter
 * that fell to 0 near its end, or a garbled reading looks like) is refused.
 */
export class EnergyCounter {
  readonly #range: number | undefined
  readonly #ratedWatts: number
  #last: number | undefined
  #at = 0
  #rejected: { readonly raw: number; readonly at: number } | undefined
  #total = 0

  constructor({ range, ratedWatts = 0 }: CounterLimits = {}) {
    this.#range = range
    this.#ratedWatts = Math.max(ratedWatts, leastRatedWatts)
  }

  /** Energy since the first reading, µJ, without the intervals that are unknown. */
  get microjoules(): number {
    return this.#total
  }

  /** @param raw counter value, µJ (a whole number) @param at ns */
  update(raw: number, at: number): CounterStep {
    // What no counter of this range can show is no reading.
    if (this.#range !== undefined && raw > this.#range) return 'implausible'
    const last = this.#last
    if (last === undefined) return this.#begin(raw, at, 'first')
    const seconds = Math.max(0, (at - this.#at) / 1e9)
    if (this.#range !== undefined && seconds * this.#ratedWatts * 1e6 > this.#range) return this.#begin(raw, at, 'lost')
    const rejected = this.#rejected
    if (rejected) {
      // Two readings in a row that agree with each other, and not with the past, are the counter's new course: even where
      // time has meanwhile made a wrap from the last good one just possible, for no energy is made up.
      const since = this.#rise(rejected.raw, raw)
      if (since !== undefined && this.#plausible(since, Math.max(0, (at - rejected.at) / 1e9)))
        return this.#begin(raw, at, 'reset')
    }
    const step = this.#rise(last, raw)
    if (step === undefined) return this.#begin(raw, at, 'reset')
    if (this.#plausible(step, seconds)) {
      this.#total += step
      return this.#begin(raw, at, 'ok')
    }
    // A clock that went backwards says nothing against the counter.
    if (at > this.#at) this.#rejected = { raw, at }
    return 'implausible'
  }

  #begin(raw: number, at: number, step: CounterStep): CounterStep {
    this.#last = raw
    this.#at = at
    this.#rejected = undefined
    return step
  }

  /** µJ from one value to the other over at most one wrap; undefined for a fall that is none. */
  #rise(from: number, to: number): number | undefined {
    if (to >= from) return to - from
    if (this.#range === undefined || from - to <= this.#range / 2) return undefined
    // The counter shows 0 … range inclusive: its period is one more than its largest value.
    return to - from + this.#range + 1
  }

  // One joule is allowed at any time: readings may be closer than the counter's own steps.
  #plausible(step: number, seconds: number): boolean {
    return step / 1e6 <= plausibleFactor * this.#ratedWatts * seconds + 1
  }
}
