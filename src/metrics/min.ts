// The smallest response time.
import { bare, type Metric } from './metric.ts'

export const min: Metric = {
  id: 'min',
  unit: 'ms',
  better: 'lower',
  formula: 'The smallest response time of the run.',
  read: (document) => bare(document.latency_ms.min, document.latency_ms.count, 'ms'),
}
