// What differs between repeated runs, in `run.json`.
import type { Figure } from '../figure.ts'

/** Values over all runs together; intervals from the differences between the runs. */
export interface RepeatSection {
  readonly runs: readonly string[]
  readonly latency_ms: {
    readonly p50: Figure
    readonly p90: Figure
    readonly p95: Figure
    readonly p99: Figure
    readonly p99_9: Figure
  }
  readonly inferences_per_s: Figure
}
