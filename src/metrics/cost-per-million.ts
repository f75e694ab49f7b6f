// Electricity cost of a million inferences.
import type { Metric } from './metric.ts'

export const costPerMillion: Metric = {
  id: 'cost_per_million',
  unit: 'currency',
  better: 'lower',
  formula: 'A million times cost_per_inference.',
  read: (document) => document.energy.cost?.per_million ?? undefined,
}
