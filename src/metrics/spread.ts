// How far the tail lies from the median.
import { bare, type Metric } from './metric.ts'

export const spread: Metric = {
  id: 'spread',
  unit: 'ms',
  better: 'lower',
  formula: 'p99 − p50 of the response time.',
  read: (document) => bare(document.latency_ms.spread, document.latency_ms.count, 'ms'),
}
