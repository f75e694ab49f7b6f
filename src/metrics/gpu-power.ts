// Power of the GPUs.
import type { Metric } from './metric.ts'

export const gpuPower: Metric = {
  id: 'gpu_power',
  unit: 'W',
  better: 'lower',
  formula: 'Mean power of the GPUs over the measured window, from their energy counters where they have them.',
  read: (document) => document.power.gpu_w ?? undefined,
}
