// Response-time metrics: scheduled → done, of the successful requests after the cut prefix.
import type { Figure } from '../run/figure.ts'
import type { LatencySeries } from '../run/document.ts'
import type { Metric } from './metric.ts'

const stored = ['p50', 'p90', 'p95', 'p99', 'p99_9', 'p99_99'] as const

const percentiles: readonly Metric[] = stored.map((key) => ({
  id: key.replace('_', '.'),
  unit: 'ms',
  better: 'lower',
  formula:
    `Response time that ${key.slice(1).replace('_', '.')} % of the requests do not exceed: linear interpolation of the ` +
    'order statistics at rank (n − 1)·p, over the stored samples. Its interval counts dependent samples for what they are worth.',
  read: (document) => known(document.latency_ms[key]),
}))

const plain = (
  id: 'min' | 'mean' | 'stddev' | 'jitter' | 'spread',
  formula: string,
  read: (series: LatencySeries) => number | null = (series) => series[id],
): Metric => ({
  id,
  unit: 'ms',
  better: 'lower',
  formula,
  read: (document) => bare(read(document.latency_ms), document.latency_ms.count, 'ms'),
})

export const latencyMetrics: readonly Metric[] = [
  ...percentiles,
  {
    id: 'max',
    unit: 'ms',
    better: 'lower',
    formula: 'The largest response time of the run, with its time. It grows with the length of the run.',
    read: (document) => bare(document.latency_ms.max?.value ?? null, document.latency_ms.count, 'ms'),
  },
  plain('min', 'The smallest response time of the run.'),
  plain('mean', 'Arithmetic mean of the response times.'),
  plain('stddev', 'Sample standard deviation of the response times (n − 1).'),
  plain('jitter', 'Mean |Lᵢ − Lᵢ₋₁| in send order within a stream (an instance or connection).'),
  plain('spread', 'p99 − p50 of the response time.'),
]

const known = (figure: Figure): Figure | undefined => (figure.value === null ? undefined : figure)

export const bare = (value: number | null, n: number, unit: string): Figure | undefined =>
  value === null ? undefined : { value, low: value, high: value, n, unit }
