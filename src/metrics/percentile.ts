// Percentiles of the response time: scheduled → done, of the successful requests after the cut prefix.
import type { Metric } from './metric.ts'

const stored = ['p50', 'p90', 'p95', 'p99', 'p99_9', 'p99_99'] as const

export const percentiles: readonly Metric[] = stored.map((key) => ({
  id: key.replace('_', '.'),
  unit: 'ms',
  better: 'lower',
  formula:
    `Response time that ${key.slice(1).replace('_', '.')} % of the requests do not exceed: linear interpolation of the ` +
    'order statistics at rank (n − 1)·p, over the stored samples. Its interval counts dependent samples for what they are worth.',
  read: ({ latency_ms }) => (latency_ms[key].value === null ? undefined : latency_ms[key]),
}))
