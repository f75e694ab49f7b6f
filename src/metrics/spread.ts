// How far the tail lies from the median.
import { judgedByValue, type Metric } from './metric.ts'

export const spread: Metric = {
  id: 'spread',
  unit: 'ms',
  better: 'lower',
  formula: 'p99 − p50 of the response time.',
  read: (document) => judgedByValue(document.latency_ms.spread),
}
