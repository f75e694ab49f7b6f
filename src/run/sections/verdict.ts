// What a run is judged to be in `run.json`: SLA rules and findings.
import type { Figure } from '../figure.ts'

export type SlaVerdict = 'pass' | 'fail' | 'unsure'

export interface SlaResult {
  readonly rule: string
  readonly metric: string
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
  readonly limit: number
  readonly unit: string
  readonly verdict: SlaVerdict
  /** Why it could not be judged, when `value` is null or only an estimate is known. */
  readonly reason?: string
  /** True when judging needs what this host cannot measure (exit 4). */
  readonly unmeasurable?: boolean
}

export interface Finding {
  readonly id: string
  readonly severity: 'info' | 'warn' | 'critical'
  /** The answer in words, with its number. */
  readonly title: string
  /** What to do, when something can be done; may name a flag. */
  readonly advice?: string
  readonly evidence: Readonly<Record<string, string | number | boolean | null | readonly (string | number)[]>>
  /** Relative change to be had (−0.31 = 31 % less), when it was measured. */
  readonly gain?: Gain
}

export interface Gain extends Figure {
  readonly metric: string
}
