// How much the response time changes from one request to the next.
import { judgedByValue, type Metric } from './metric.ts'

export const jitter: Metric = {
  id: 'jitter',
  unit: 'ms',
  better: 'lower',
  formula: 'Mean |Lᵢ − Lᵢ₋₁| in send order within a stream (an instance or connection).',
  read: (document) => judgedByValue(document.latency_ms.jitter),
}
