// Electricity cost of an inference.
import type { Metric } from './metric.ts'

export const costPerInference: Metric = {
  id: 'cost_per_inference',
  unit: 'currency',
  better: 'lower',
  formula:
    'Energy of the measured window in kWh times the PUE times the tariff (--tariff) over its inferences: electricity ' +
    'alone, in the scope of the energy.',
  read: (document) => document.energy.cost?.per_inference ?? undefined,
}
