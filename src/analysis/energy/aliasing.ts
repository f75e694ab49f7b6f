// A load that repeats in step with a power sensor that sees a part of the time: the sensor may meet the same phase again and
// again, no reading shows it, and no interval from the readings covers it (docs/energy.md).
import type { Channel } from '../../run/channel.ts'
import type { SensorCharacter } from '../../run/sections/energy.ts'
import { median } from '../../stats/quantile.ts'

/** Repeats that are shorter than this share of the sensor's window are averaged over; those longer than its … */
const leastOfWindow = 0.5
/** … periods show their changes from one reading to the next. From the simulation (docs/energy.md). */
const mostPeriods = 1.5
/** Share of a repeat by which the phase must wander within a period of the sensor to be as good as random. */
const wander = 0.25

/** Distance of answers: the median, and the standard deviation by the quartiles, ms. */
export interface LoadCycle {
  readonly cycle: number
  readonly spread: number
}

/** What a sensor sees of each of its periods, ms. */
export interface PartialView {
  readonly period: number
  readonly window: number
}

/** @param answers when they came, ns, in any order; `undefined` for fewer than 20 */
export function loadCycleOf(answers: Float64Array): LoadCycle | undefined {
  if (answers.length < 20) return undefined
  const done = Float64Array.from(answers).sort()
  const gaps = Float64Array.from(done.subarray(1), (at, i) => (at - done[i]!) / 1e6).sort()
  const at = (share: number): number => gaps[Math.floor(share * (gaps.length - 1))]!
  return { cycle: median([...gaps]), spread: (at(0.75) - at(0.25)) / 1.349 }
}

/** `undefined` for a sensor that sees all of the time, or whose window is not known. */
export function partialViewOf(
  channel: Channel | undefined,
  character: SensorCharacter | undefined,
): PartialView | undefined {
  const window = character?.window_ms ?? channel?.window_ms ?? 0
  // Of a gauge that is read more seldom than it updates, what lies between the readings is not seen either.
  const poll = channel?.quantity === 'power' ? (character?.poll_ms ?? 0) : 0
  const period = Math.max(character?.period_ms ?? channel?.period_ms ?? 0, poll)
  return window > 0 && window < 0.9 * period ? { period, window } : undefined
}

export const aliases = ({ period, window }: PartialView, { cycle, spread }: LoadCycle): boolean =>
  cycle >= leastOfWindow * window &&
  cycle <= mostPeriods * period &&
  spread * Math.sqrt(period / cycle) < wander * cycle
