// Latency in `run.json`: the four series, what the load was worth, the cold start and the steady state.
import type { Figure } from '../figure.ts'
import type { Count } from '../refined.ts'

/** One latency series, ms. */
export interface LatencySeries {
  readonly count: Count
  readonly min: number | null
  /** This and the next three without intervals so far; without a value where there are too few samples, as in a percentile. */
  readonly mean: Figure
  readonly stddev: Figure
  /** Mean |Lᵢ − Lᵢ₋₁| in send order within a stream. */
  readonly jitter: Figure
  /** p99 − p50. */
  readonly spread: Figure
  readonly p50: Figure
  readonly p90: Figure
  readonly p95: Figure
  readonly p99: Figure
  readonly p99_9: Figure
  readonly p99_99: Figure
  /** `at_s`: when it ended, since the load's first planned request. */
  readonly max: { readonly value: number; readonly at_s: number; readonly request: number } | null
  /** [upper edge in ms, count] of every non-empty bucket, log-linear, at most 0.4 % wide. */
  readonly histogram: readonly (readonly [number, number])[]
}

export interface LoadCertificate {
  readonly asked_per_s: number | null
  readonly achieved_per_s: number
  /** p50, p99 and max of the send delay. */
  readonly send_delay_ms: { readonly p50: number | null; readonly p99: number | null; readonly max: number | null }
  /** Effect sizes of the gaps sent; null in closed loop. */
  readonly arrivals: { readonly cv: number; readonly lag1: number; readonly dispersion: number } | null
  readonly arrivals_ok: boolean
  readonly client_saturated: boolean
  readonly overflow: Count
  readonly valid: boolean
  /** Why it is not valid; empty when it is. */
  readonly reasons: readonly CertificateReason[]
}

export interface CertificateReason {
  /** `other`: of a run of format 1, in words that tailwatt does not use. */
  readonly code:
    | 'rate-missed'
    | 'sent-late'
    | 'arrivals'
    | 'rows-lost'
    | 'client-saturated'
    | 'client-behind'
    | 'client-starved'
    | 'other'
  readonly title: string
  readonly advice?: string
}

export type WarmupVerdict = 'flat' | 'warm-up' | 'slowdown' | 'shift' | 'no-steady-state'

export interface ColdStart {
  readonly process_ms: Figure | null
  readonly load_ms: Figure | null
  readonly session_ms: Figure | null
  readonly first_inference_ms: Figure | null
  /** Sum of the four: spawn until the first answer. */
  readonly total_ms: Figure | null
  readonly steady_p50_ms: number | null
  /** First inference less the steady median. */
  readonly penalty_ms: Figure | null
  readonly verdict: WarmupVerdict
  /** `s` since the load's first planned request, as in `segments`. */
  readonly steady_after: { readonly requests: Count; readonly s: number } | null
  /** Segments of the service-time series between changepoints, for the chart. */
  readonly segments: readonly {
    readonly from_request: Count
    readonly to_request: Count
    readonly from_s: number
    readonly to_s: number
    readonly level_ms: number
  }[]
}
