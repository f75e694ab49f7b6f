// Energy an inference costs, in the widest scope measured.
import type { Metric } from './metric.ts'

export const energyPerInference: Metric = {
  id: 'energy_per_inference',
  unit: 'J',
  better: 'lower',
  formula: 'Energy of the measured window over its inferences (samples of batches); scope and basis stand with it.',
  read: (document) => document.energy.per_inference_j ?? undefined,
}
