// FLOPs of the model a second.
import type { Metric } from './metric.ts'

export const flopsPerS: Metric = {
  id: 'flops_per_s',
  unit: 'FLOP/s',
  better: 'higher',
  formula: 'Exact FLOPs of an inference (two for each multiply-accumulate) times the inferences a second.',
  read: ({ utilization }) => utilization?.flops_per_s ?? undefined,
}
