// The arithmetic of hardware energy counters: wraps, resets and implausible jumps. Whole microjoules throughout, so sums
// are exact; knows nothing of files. Rules after the kernel's powercap documentation: a counter wraps at its range.

export type CounterStep = 'first' | 'ok' | 'reset' | 'implausible'

/**
 * Unwraps a counter. A fall by more than half the range is a wrap; any other fall is a reset: that interval's energy is
 * unknown and not made up. A rise that would need more than `maxWatts` is refused likewise.
 */
export class EnergyCounter {
  readonly #range: number | undefined
  readonly #maxWatts: number
  #last: number | undefined
  #at = 0
  #total = 0

  /** @param range value at which the counter wraps (`max_energy_range_uj`), µJ; without it a fall is a reset */
  constructor(range: number | undefined, maxWatts = 2000) {
    this.#range = range
    this.#maxWatts = maxWatts
  }

  /** Energy since the first reading, µJ, without the intervals that are unknown. */
  get microjoules(): number {
    return this.#total
  }

  /** @param raw counter value, µJ (a whole number) @param at ns */
  update(raw: number, at: number): CounterStep {
    const last = this.#last
    const seconds = (at - this.#at) / 1e9
    this.#last = raw
    this.#at = at
    if (last === undefined) return 'first'
    let step = raw - last
    if (step < 0) {
      if (this.#range === undefined || -step <= this.#range / 2) return 'reset'
      // The counter shows 0 … range inclusive: its period is one more than its largest value.
      step += this.#range + 1
    }
    if (seconds > 0 && step / 1e6 > this.#maxWatts * seconds + 1) return 'implausible'
    this.#total += step
    return 'ok'
  }
}
