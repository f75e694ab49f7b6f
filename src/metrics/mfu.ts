// Model FLOPs utilisation: FLOP/s over a peak whose origin stands in the run.
import type { Metric } from './metric.ts'

export const mfu: Metric = {
  id: 'mfu',
  unit: 'ratio',
  better: 'higher',
  formula:
    'Model FLOPs utilisation: FLOP/s of the model over a peak. The peak is the best this engine reached here (measured with --ceilings), ' +
    'else the board’s datasheet, else cores × clock × FLOPs a cycle; `utilization.peak` in the run says which.',
  read: ({ utilization }) => utilization?.mfu ?? undefined,
}
