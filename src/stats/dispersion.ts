// What kind of arrivals were sent, as effect sizes: a Poisson process has CV 1, lag-1 correlation 0 and index of
// dispersion 1; a constant rate has CV 0 and dispersion 0. No p-values: at large n every real stream is rejected.
import { autocorrelation } from './dependence.ts'
import { Moments } from './moments.ts'

export interface ArrivalShape {
  /** Standard deviation of the gaps over their mean. */
  readonly cv: number
  /** Correlation of neighbouring gaps. */
  readonly lag1: number
  /** Var N / E N over windows of about 20 arrivals. */
  readonly dispersion: number
}

/** @param times ascending send times; `undefined` for fewer than 30. */
export function arrivalShape(times: Float64Array): ArrivalShape | undefined {
  const n = times.length
  if (n < 30) return undefined
  const gaps = new Float64Array(n - 1)
  const moments = new Moments()
  for (let i = 1; i < n; i++) {
    gaps[i - 1] = times[i]! - times[i - 1]!
    moments.add(gaps[i - 1]!)
  }
  return {
    cv: moments.mean === 0 ? 0 : moments.stddev / moments.mean,
    lag1: autocorrelation(gaps, 1),
    dispersion: dispersionOf(times, moments.mean * Math.min(20, Math.max(2, n / 15))),
  }
}

function dispersionOf(times: Float64Array, window: number): number {
  if (!(window > 0)) return 0
  const counts = new Moments()
  let edge = times[0]! + window
  let inWindow = 0
  for (const t of times) {
    while (t >= edge) {
      counts.add(inWindow)
      inWindow = 0
      edge += window
    }
    inWindow++
  }
  return counts.mean === 0 ? 0 : counts.variance / counts.mean
}
