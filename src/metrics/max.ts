// The largest response time.
import { withoutInterval } from '../run/figure.ts'
import { judgedByValue, type Metric } from './metric.ts'

export const max: Metric = {
  id: 'max',
  unit: 'ms',
  better: 'lower',
  formula: 'The largest response time of the run, with its time. It grows with the length of the run.',
  read: ({ latency_ms }) => judgedByValue(withoutInterval(latency_ms.max?.value ?? null, latency_ms.count, 'ms')),
}
