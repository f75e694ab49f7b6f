// Intervals of percentiles from the order statistics themselves: no distribution is assumed, and dependence between
// neighbours shrinks the sample size to what it is worth.
import { betaQuantile } from './beta.ts'
import { varianceInflation } from './dependence.ts'
import { orderStatistics, quantiles } from './quantile.ts'

export interface QuantileEstimate {
  readonly p: number
  readonly value: number
  /** Ends of the interval; `undefined` where the samples are too few to bound that side. */
  readonly low: number | undefined
  readonly high: number | undefined
  readonly n: number
  /** What `n` dependent samples are worth. */
  readonly effective: number
}

/**
 * Percentiles with intervals of `confidence`, for samples in time order.
 * With k = n·p the binomial tails give the ranks (Clopper–Pearson on the share below the quantile); n is replaced by the
 * effective size n / inflation. A side is left open when even the extreme sample does not bound it.
 */
export function quantileIntervals(
  samples: Float64Array,
  ps: readonly number[],
  confidence = 0.95,
): readonly QuantileEstimate[] {
  const n = samples.length
  const values = quantiles(samples, ps)
  const plans = ps.map((p, i) => {
    const value = values[i]!
    const inflation = n === 0 ? 1 : varianceInflation((index) => samples[index]! > value, n, confidence)
    return { p, value, effective: n / inflation, ...shares(p, n / inflation, (1 - confidence) / 2) }
  })
  const ranks = plans.flatMap((plan) => [
    Math.max(0, Math.floor(plan.low * n) - 1),
    Math.min(n - 1, Math.ceil(plan.high * n)),
  ])
  const bounds = n === 0 ? [] : orderStatistics(samples, ranks)
  return plans.map((plan, i) => ({
    p: plan.p,
    value: plan.value,
    low: plan.hasLow ? Math.min(plan.value, bounds[2 * i]!) : undefined,
    high: plan.hasHigh ? Math.max(plan.value, bounds[2 * i + 1]!) : undefined,
    n,
    effective: plan.effective,
  }))
}

interface Shares {
  readonly low: number
  readonly high: number
  readonly hasLow: boolean
  readonly hasHigh: boolean
}

// Between which shares of the sample the true quantile lies: the interval of a binomial proportion at k = m·p.
function shares(p: number, m: number, tail: number): Shares {
  const below = m * p
  const above = m * (1 - p)
  const low = below > 0 ? betaQuantile(tail, below, above + 1) : 0
  const high = above > 0 ? betaQuantile(1 - tail, below + 1, above) : 1
  return {
    low,
    high,
    // All m samples on one side of the quantile must be less likely than the tail: (1−p)^m and p^m.
    hasLow: m * Math.log1p(-p) <= Math.log(tail),
    hasHigh: m * Math.log(p) <= Math.log(tail),
  }
}
