// The mean response time.
import { judgedByValue, type Metric } from './metric.ts'

export const mean: Metric = {
  id: 'mean',
  unit: 'ms',
  better: 'lower',
  formula: 'Arithmetic mean of the response times.',
  read: (document) => judgedByValue(document.latency_ms.mean),
}
