// How much less a series of dependent samples says than as many independent ones. Queues make neighbours alike; an
// interval that ignores it covers a fraction of what it promises.
import { studentQuantile, normalQuantile } from './student.ts'

/** Numbers of batches tried: few and long ones see long memory, many and short ones are steadier. */
const batchCounts = [8, 12, 20, 32] as const
/** A short series needs the longest batches it can have, though so few say little. */
const shortSeries = 2000

/**
 * Factor by which the variance of the share of `above` samples exceeds the binomial one, at least 1, widened for being
 * estimated: the largest over several batch lengths of (variance of batch means × length / p(1−p)) × (t/z)².
 * Method: non-overlapping batch means (Law, Simulation Modeling and Analysis, §9.5), with Student's t for the few batches.
 * @param above for each sample in time order, whether it lies above the quantile
 */
export function varianceInflation(above: (index: number) => boolean, n: number, confidence: number): number {
  const z = normalQuantile(0.5 + confidence / 2)
  let worst = 1
  for (const batches of n < shortSeries ? [5, ...batchCounts] : batchCounts) {
    const length = Math.floor(n / batches)
    if (length < 5) continue
    const counts = new Float64Array(batches)
    for (let b = 0; b < batches; b++) {
      for (let i = b * length; i < (b + 1) * length; i++) if (above(i)) counts[b]!++
    }
    let total = 0
    for (const count of counts) total += count
    const mean = total / batches
    const share = mean / length
    if (share <= 0 || share >= 1) continue
    let squares = 0
    for (const count of counts) squares += (count - mean) ** 2
    const inflation = squares / (batches - 1) / (length * share * (1 - share))
    const widened = inflation * (studentQuantile(0.5 + confidence / 2, batches - 1) / z) ** 2
    if (inflation > 1 && widened > worst) worst = widened
  }
  return worst
}

/** Lag-`k` autocorrelation of a series; 0 for a constant one. */
export function autocorrelation(values: Float64Array, lag: number): number {
  const n = values.length
  if (n <= lag) return 0
  let sum = 0
  for (const value of values) sum += value
  const mean = sum / n
  let variance = 0
  let covariance = 0
  for (let i = 0; i < n; i++) {
    const d = values[i]! - mean
    variance += d * d
    if (i >= lag) covariance += d * (values[i - lag]! - mean)
  }
  return variance === 0 ? 0 : covariance / variance
}
