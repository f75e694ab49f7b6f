// Power of the CPU packages.
import type { Metric } from './metric.ts'

export const cpuPower: Metric = {
  id: 'cpu_power',
  unit: 'W',
  better: 'lower',
  formula: 'Mean power of the CPU packages (and their DRAM where counted apart) over the measured window.',
  read: (document) => document.power.cpu_w ?? undefined,
}
