// Power of the whole system.
import type { Metric } from './metric.ts'

export const power: Metric = {
  id: 'power',
  unit: 'W',
  better: 'lower',
  formula: 'Mean power of the whole system over the measured window: energy of the outermost counters over time.',
  read: (document) => document.power.system_w ?? undefined,
}
