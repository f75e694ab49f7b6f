// Successful inferences a second.
import { judgedByValue, type Metric } from './metric.ts'

export const throughput: Metric = {
  id: 'throughput',
  unit: '1/s',
  better: 'higher',
  formula:
    'Successful inferences (samples of batches) a second, from the first send to the last completion after the cut prefix.',
  read: (document) => judgedByValue(document.throughput.inferences_per_s),
}
