// Metrics of the arithmetic: what the model computed, and its share of a peak whose origin stands in the run.
import type { Metric } from './metric.ts'

export const computeMetrics: readonly Metric[] = [
  {
    id: 'flops_per_s',
    unit: 'FLOP/s',
    better: 'higher',
    formula: 'Exact FLOPs of an inference (two for each multiply-accumulate) times the inferences a second.',
    read: ({ utilisation }) => utilisation?.flops_per_s ?? undefined,
  },
  {
    id: 'mfu',
    unit: 'ratio',
    better: 'higher',
    formula:
      'Model FLOPs utilisation: FLOP/s of the model over a peak. The peak is the best this engine reached here (measured with --ceilings), ' +
      'else the board’s datasheet, else cores × clock × FLOPs a cycle; `utilisation.peak` in the run says which.',
    read: ({ utilisation }) => utilisation?.mfu ?? undefined,
  },
]
