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
    formula:
      'Operational grams of CO2 equivalent of the measured window: its energy in kWh times the PUE of the building times ' +
      'the carbon intensity of the grid (--region, --grid-intensity). A range where the grid is not known.',
    read: (document) => document.energy.carbon_g ?? undefined,
  },
  {
    id: 'carbon_per_inference',
    unit: 'g',
    better: 'lower',
    formula: 'Operational grams of CO2 equivalent of the measured window (see carbon) over its inferences.',
    read: (document) => document.energy.carbon?.per_inference_g ?? undefined,
  },
  {
    id: 'sci',
    unit: 'g',
    better: 'lower',
    formula:
      'Software Carbon Intensity (ISO/IEC 21031:2024): ((E × I) + M) per R. E is the energy of the measured window with the ' +
      'PUE in it, kWh; I the location-based intensity of the grid, g/kWh; M the embodied emissions (--embodied) times the ' +
      'window’s share of the lifespan times the share of the machine; R the inferences. The scope of E is the boundary.',
    read: (document) => document.energy.sci?.per_inference_g ?? undefined,
  },
  {
    id: 'cost_per_inference',
    unit: 'currency',
    better: 'lower',
    formula:
      'Energy of the measured window in kWh times the PUE times the tariff (--tariff) over its inferences: electricity ' +
      'alone, in the scope of the energy.',
    read: (document) => document.energy.cost?.per_inference ?? undefined,
  },
  {
    id: 'cost_per_million',
    unit: 'currency',
    better: 'lower',
    formula: 'A million times cost_per_inference.',
    read: (document) => document.energy.cost?.per_million ?? undefined,
  },
  {
    id: 'edp',
    unit: 'J·s',
    better: 'lower',
    formula:
      'Energy-delay product: energy per inference times the mean service time of its request (started to done, without ' +
      'waiting). Its interval is that of the energy.',
    read: (document) => document.energy.energy_delay_product_js ?? undefined,
  },
]
