// What a setting changes, from bursts in pairs: the mean ratio of a percentile with its interval.
import type { AdviceResult } from '../../run/manifest.ts'
import { meanInterval } from '../../stats/mean.ts'
import { quantiles } from '../../stats/quantile.ts'

/** A percentile is known by a burst in which so many requests lie above it. */
const leastAbove = 5

const percentiles = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const

type Percentile = keyof typeof percentiles

/**
 * The median's change, and that of the highest percentile that every burst knows.
 * @param bursts service times of each pair, ns: the run's own setting and the one tried
 */
export function changes(flag: string, bursts: readonly (readonly [Float64Array, Float64Array])[]): AdviceResult[] {
  const least = bursts.reduce((n, pair) => Math.min(n, pair[0].length, pair[1].length), Number.POSITIVE_INFINITY)
  const known = (Object.keys(percentiles) as Percentile[]).filter((p) => least * (1 - percentiles[p]) >= leastAbove)
  if (known.length === 0) known.push('p50')
  const told: readonly Percentile[] = known.length === 1 ? known : [known[0]!, known.at(-1)!]
  return told.map((metric) => {
    const logRatios = bursts.flatMap(([own, tried]) => {
      if (own.length === 0 || tried.length === 0) return []
      const [[a], [b]] = [quantiles(own, [percentiles[metric]]), quantiles(tried, [percentiles[metric]])]
      return [Math.log(b! / a!)]
    })
    return { flag, metric, ...meanChange(logRatios), n: logRatios.length }
  })
}

/** Mean ratio as a relative change, with Student's interval over the pairs. */
export function meanChange(logRatios: readonly number[]): {
  change: number | null
  low: number | null
  high: number | null
} {
  const { mean, half, n } = meanInterval(logRatios)
  if (n < 3 || half === null) return { change: null, low: null, high: null }
  return { change: Math.expm1(mean), low: Math.expm1(mean - half), high: Math.expm1(mean + half) }
}
