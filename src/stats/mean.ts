// Means of independent values with their 95 % intervals: Student's of one mean, Welch's of the difference of two. Values that
// depend on their neighbours need `quantileIntervals` or an estimator of their own.
import type { Moments } from './moments.ts'
import { studentQuantile } from './student.ts'

export interface MeanInterval {
  readonly mean: number
  /** Half-width of the interval; `null` for a single value, which says nothing of its own spread. */
  readonly half: number | null
  readonly n: number
}

/** NaN without values. */
export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

export function meanInterval(values: readonly number[]): MeanInterval {
  const n = values.length
  const centre = mean(values)
  if (n < 2) return { mean: centre, half: null, n }
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (n - 1)
  return { mean: centre, half: studentQuantile(0.975, n - 1) * Math.sqrt(variance / n), n }
}

/** Half-width of the interval of the difference between two means whose variances may differ (Welch 1947). */
export function differenceHalf(a: Moments, b: Moments): number {
  const [own, other] = [a.variance / a.count, b.variance / b.count]
  const df = (own + other) ** 2 / (own ** 2 / (a.count - 1) + other ** 2 / (b.count - 1))
  return own + other > 0 ? Math.sqrt(own + other) * studentQuantile(0.975, Math.max(1, df)) : 0
}
