// Successful inferences a second.
import { bare, type Metric } from './metric.ts'

export const throughput: Metric = {
  id: 'throughput',
  unit: '1/s',
  better: 'higher',
  formula:
    'Successful inferences (samples of batches) a second, from the first send to the last completion after the cut prefix.',
  read: (document) => bare(document.throughput.inferences_per_s, document.requests.ok, '1/s'),
}
