// The smallest response time.
import { withoutInterval } from '../run/figure.ts'
import { judgedByValue, type Metric } from './metric.ts'

export const min: Metric = {
  id: 'min',
  unit: 'ms',
  better: 'lower',
  formula: 'The smallest response time of the run.',
  read: ({ latency_ms }) => judgedByValue(withoutInterval(latency_ms.min, latency_ms.count, 'ms')),
}
