// How widely the response times spread around their mean.
import { bare, type Metric } from './metric.ts'

export const stddev: Metric = {
  id: 'stddev',
  unit: 'ms',
  better: 'lower',
  formula: 'Sample standard deviation of the response times (n − 1).',
  read: (document) => bare(document.latency_ms.stddev, document.latency_ms.count, 'ms'),
}
