// What RAPL's counters can show, after the kernel's powercap documentation: whole microjoules, so that sums are exact; 0 to
// a range and around again; no more power than there is.
import { Counter, putTotal } from '../unwrapped-counter.ts'

export interface EnergyLimits {
  /** Largest value before it wraps (`max_energy_range_uj`), µJ; without it a fall is a reset. */
  readonly range?: number | undefined
  /** Most the device is rated for, W, where it says so (`constraint_*_max_power_uw`). */
  readonly ratedWatts?: number | undefined
}

/** No package of today is rated for more; what says less of itself is given this much all the same. */
const leastRatedWatts = 2000
/** Readings that need more than this many times the rated power are wrong: turbo peaks reach about twice. */
const plausibleFactor = 3
/** Allowed at any time, µJ. */
const atOnce = 1e6

/**
 * A wrap or rise that needs more power than can be is refused: it is what a suspended host, a counter that fell to 0 near
 * its end, or a garbled reading looks like.
 */
export function energyCounter({ range, ratedWatts = 0 }: EnergyLimits = {}): Counter {
  const perSecond = Math.max(ratedWatts, leastRatedWatts) * 1e6
  return new Counter({
    // It shows 0 … range inclusive.
    ...(range === undefined ? {} : { period: range + 1, longestGap: range / perSecond }),
    most: { perSecond: plausibleFactor * perSecond, atOnce },
  })
}

/**
 * Puts joules since the first reading; NaN where there is no reading, and before one whose interval nobody knows. False when
 * there was no reading.
 */
export function putJoules(
  counter: Counter,
  microjoules: number | undefined,
  at: number,
  put: (t: number, joules: number) => void,
): boolean {
  const read = microjoules !== undefined && putTotal(counter, microjoules, at, (t, total) => put(t, total / 1e6))
  if (!read) put(at, Number.NaN)
  return read
}
