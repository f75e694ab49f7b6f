// What a counter counted between two moments, its edges interpolated between readings.
import type { ChannelSeries } from './channel-series.ts'

export interface CounterDelta {
  /** What was counted or integrated over the part of the window that is known. */
  readonly value: number
  /** Share of the window that readings cover. */
  readonly coverage: number
  /** Half-width of the 95 % statistical interval. */
  readonly error: number
  /** Readings within the window. */
  readonly n: number
}

/** Share of a step's energy that its edge may misplace, after interpolation within the step. */
const edgeShare = 0.3

/**
 * Rise of a counter over [from, to], edges interpolated between readings; `undefined` with fewer than two readings.
 * The error is what the two edge steps may misplace.
 */
export function counterDelta({ t, value }: ChannelSeries, from: number, to: number): CounterDelta | undefined {
  let sum = 0
  let known = 0
  let error = 0
  let n = 0
  for (let i = 1; i < t.length; i++) {
    const a = t[i - 1]!
    const b = t[i]!
    if (b <= from || a >= to || b <= a) continue
    n++
    const step = value[i]! - value[i - 1]!
    if (Number.isNaN(step) || step < 0) continue
    const overlap = Math.min(b, to) - Math.max(a, from)
    const part = overlap / (b - a)
    sum += step * part
    known += overlap
    if (part < 1) error += edgeShare * step * Math.min(1, 2 * part)
  }
  return known <= 0 ? undefined : { value: sum, coverage: known / (to - from), error, n: n + 1 }
}
