// How widely the response times spread around their mean.
import { judgedByValue, type Metric } from './metric.ts'

export const stddev: Metric = {
  id: 'stddev',
  unit: 'ms',
  better: 'lower',
  formula: 'Sample standard deviation of the response times (n − 1).',
  read: (document) => judgedByValue(document.latency_ms.stddev),
}
