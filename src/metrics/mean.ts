// The mean response time.
import { bare, type Metric } from './metric.ts'

export const mean: Metric = {
  id: 'mean',
  unit: 'ms',
  better: 'lower',
  formula: 'Arithmetic mean of the response times.',
  read: (document) => bare(document.latency_ms.mean, document.latency_ms.count, 'ms'),
}
