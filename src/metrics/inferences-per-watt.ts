// Inferences a second for each watt.
import type { Metric } from './metric.ts'

export const inferencesPerWatt: Metric = {
  id: 'inferences_per_watt',
  unit: '1/J',
  better: 'higher',
  formula: 'Inferences a second per watt, which is inferences per joule.',
  read: (document) => document.energy.inferences_per_watt ?? undefined,
}
