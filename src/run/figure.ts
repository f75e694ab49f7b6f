// The one shape of every figure a run reports: a value never travels without its interval, its sample count and its origin.
import type { Caution } from './caution.ts'
import type { Count } from './refined.ts'

/**
 * Grade of an energy or power figure: A external meter · B hardware energy counter · C integrated device power ·
 * D a model of utilisation × rated power, shown as a range and never mixed into a total of better grades.
 */
export type Grade = 'A' | 'B' | 'C' | 'D'

/** A value with the ends of its 95 % interval, its sample count and its origin. */
export interface Figure {
  /** `null` when a range is all that is known (grade D): then `low` and `high` stand; or when the samples are too few for any. */
  readonly value: number | null
  /** Ends of the 95 % interval; `null` where the samples are too few to bound that side, or where nobody works it out yet. */
  readonly low: number | null
  readonly high: number | null
  /** Samples the figure rests on. */
  readonly n: Count
  /**
   * Half-widths of the two parts of an energy's or a power's uncertainty. `statistical` (95 %) shrinks with a longer run;
   * `systematic` is a bound of the sensor's own error, the same in every run on the device, so it cancels between those.
   * They are added, not squared: `low` = value − statistical − systematic (never below 0), `high` likewise.
   */
  readonly statistical?: number
  readonly systematic?: number
  readonly unit?: string
  readonly grade?: Grade
  readonly scope?: string
  readonly basis?: 'gross' | 'net'
  /** Ids of the channels it was read from. */
  readonly sources?: readonly string[]
  /** What was done to get from there to here, or what it rests on where no channel gave it: `CPU time × rated power`. */
  readonly how?: string
  /** Why it should be read with care, and what would mend it. */
  readonly cautions?: readonly Caution[]
}

/** A figure whose interval nobody works out yet. */
export const withoutInterval = (value: number | null, n: number, unit: string): Figure => ({
  value,
  low: null,
  high: null,
  n,
  unit,
})
