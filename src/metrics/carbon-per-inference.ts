// Operational emissions of an inference.
import type { Metric } from './metric.ts'

export const carbonPerInference: Metric = {
  id: 'carbon_per_inference',
  unit: 'g',
  better: 'lower',
  formula: 'Operational grams of CO2 equivalent of the measured window (see carbon) over its inferences.',
  read: (document) => document.energy.carbon?.per_inference_g ?? undefined,
}
