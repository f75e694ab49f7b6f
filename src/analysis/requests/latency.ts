// One latency series from its samples in send order: exact percentiles with intervals, moments, jitter, spread, maximum
// with its time, and the histogram. All in ms from ns.
import { quantileIntervals, type QuantileEstimate } from '../../stats/percentile-interval.ts'
import { LogLinearHistogram } from '../../stats/histogram.ts'
import { Jitter } from '../../stats/jitter.ts'
import { Moments } from '../../stats/moments.ts'
import type { Caution } from '../../run/caution.ts'
import { withoutInterval, type Figure } from '../../run/figure.ts'
import type { LatencySeries } from '../../run/sections/latency.ts'
import { formatNumber } from '../../units/quantity.ts'

/** Samples of one series in send order, ns; `at`, `request` and `stream` belong to the same rows. */
export interface Samples {
  readonly ns: Float64Array
  readonly at: Float64Array
  readonly request: Float64Array
  readonly stream: Uint16Array
}

const percentiles = [0.5, 0.9, 0.95, 0.99, 0.999, 0.9999]

/**
 * @param perSecond requests a second, to say how much longer an uncertain percentile would take
 * @param zero of the times in it, ns on the clock of `samples.at`
 */
export function latencySeries(samples: Samples, perSecond: number, zero: number): LatencySeries {
  const { ns } = samples
  const moments = new Moments()
  const jitter = new Jitter()
  const histogram = new LogLinearHistogram()
  let maxIndex = -1
  for (let i = 0; i < ns.length; i++) {
    const value = ns[i]!
    moments.add(value)
    jitter.add(samples.stream[i]!, value)
    histogram.record(Math.max(0, value))
    if (maxIndex < 0 || value > ns[maxIndex]!) maxIndex = i
  }
  const figures = quantileIntervals(ns, percentiles).map((estimate) => percentileFigure(estimate, perSecond))
  const n = ns.length
  const p50 = figures[0]!
  const p99 = figures[3]!
  return {
    count: n,
    min: n === 0 ? null : moments.min / 1e6,
    mean: withoutInterval(n === 0 ? null : moments.mean / 1e6, n, 'ms'),
    stddev: withoutInterval(n < 2 ? null : moments.stddev / 1e6, n, 'ms'),
    jitter: withoutInterval(jitter.value === undefined ? null : jitter.value / 1e6, n, 'ms'),
    spread: withoutInterval(n < 2 ? null : p99.value! - p50.value!, n, 'ms'),
    p50,
    p90: figures[1]!,
    p95: figures[2]!,
    p99,
    p99_9: figures[4]!,
    p99_99: figures[5]!,
    max:
      n === 0
        ? null
        : { value: moments.max / 1e6, at_s: (samples.at[maxIndex]! - zero) / 1e9, request: samples.request[maxIndex]! },
    histogram: histogram.buckets().map(([edge, count]) => [edge / 1e6, count] as const),
  }
}

/** A percentile of any p in (0, 1) with its interval. */
export const percentileOf = (ns: Float64Array, p: number): Figure =>
  percentileFigure(quantileIntervals(ns, [p])[0]!, Number.NaN)

function percentileFigure(estimate: QuantileEstimate, perSecond: number): Figure {
  const { n } = estimate
  if (n === 0) return { value: null, low: null, high: null, n: 0, unit: 'ms' }
  const caution = cautionOf(estimate, perSecond)
  return {
    value: estimate.value / 1e6,
    low: estimate.low === undefined ? null : estimate.low / 1e6,
    high: estimate.high === undefined ? null : estimate.high / 1e6,
    n,
    unit: 'ms',
    ...(caution === undefined ? {} : { cautions: [caution] }),
  }
}

// Fewer than ten samples above a percentile are too few to call it known.
function cautionOf({ n, p, effective }: QuantileEstimate, perSecond: number): Caution | undefined {
  const above = n * (1 - p)
  // A product that should be ten may come out a rounding below it.
  if (above >= 10 - 1e-9 * n) return undefined
  const missing = 10 / (1 - p) - n
  const longer = Number.isFinite(perSecond) && perSecond > 0 ? missing / perSecond : undefined
  const time = longer === undefined ? '' : `, about ${spanOf(longer)} more`
  const name = `p${Number((p * 100).toPrecision(6))}`
  const text = `${name}: only ${formatNumber(above, 2)} of ${n} samples lie above it${effective < n / 2 ? ' (and they are dependent)' : ''}; it takes ${Math.round(10 / (1 - p))} samples${time}`
  return { code: 'too-few-samples', text }
}

const spanOf = (seconds: number): string =>
  seconds < 90
    ? `${Math.max(1, Math.ceil(seconds))} s`
    : seconds < 5400
      ? `${Math.ceil(seconds / 60)} min`
      : `${Math.ceil(seconds / 3600)} h`
