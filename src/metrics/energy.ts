// Power and energy metrics. Each comes with the grade of its source; an estimate (grade D) is a range without a value.
import type { Metric } from './metric.ts'

export const energyMetrics: readonly Metric[] = [
  {
    id: 'power',
    unit: 'W',
    better: 'lower',
    formula: 'Mean power of the whole system over the measured window: energy of the outermost counters over time.',
    read: (document) => document.power.system_w ?? undefined,
  },
  {
    id: 'cpu_power',
    unit: 'W',
    better: 'lower',
    formula: 'Mean power of the CPU packages (and their DRAM where counted apart) over the measured window.',
    read: (document) => document.power.cpu_w ?? undefined,
  },
  {
    id: 'gpu_power',
    unit: 'W',
    better: 'lower',
    formula: 'Mean power of the GPUs over the measured window, from their energy counters where they have them.',
    read: (document) => document.power.gpu_w ?? undefined,
  },
  {
    id: 'energy_per_inference',
    unit: 'J',
    better: 'lower',
    formula: 'Energy of the measured window over its inferences (samples of batches); scope and basis stand with it.',
    read: (document) => document.energy.per_inference_j ?? undefined,
  },
  {
    id: 'inferences_per_watt',
    unit: '1/J',
    better: 'higher',
    formula: 'Inferences a second per watt, which is inferences per joule.',
    read: (document) => document.energy.inferences_per_watt ?? undefined,
  },
  {
    id: 'carbon',
    unit: 'g',
    better: 'lower',
    formula: 'Grams of CO2 equivalent: energy of the window times the intensity of the grid.',
    read: (document) => document.energy.carbon_g ?? undefined,
  },
]
