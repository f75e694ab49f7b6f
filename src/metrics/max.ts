// The largest response time.
import { bare, type Metric } from './metric.ts'

export const max: Metric = {
  id: 'max',
  unit: 'ms',
  better: 'lower',
  formula: 'The largest response time of the run, with its time. It grows with the length of the run.',
  read: (document) => bare(document.latency_ms.max?.value ?? null, document.latency_ms.count, 'ms'),
}
