// One sensor channel as a series in order of time, and what one asks of it: a counter's rise between two moments, a
// gauge's mean, the largest reading. NaN marks an interval nobody knows; it is never bridged silently. Joules have an
// arithmetic of their own in `energy/`.
import type { Channel } from '../run/channel.ts'
import type { Measured } from '../run/ports.ts'
import { studentQuantile } from '../stats/student.ts'

export interface ChannelSeries {
  readonly channel: Channel
  readonly t: Float64Array
  readonly value: Float64Array
}

/** The readings of each channel, in order. */
export function channelSeries(measured: Measured): readonly ChannelSeries[] {
  const counts = new Uint32Array(measured.manifest.channels.length)
  for (const chunk of measured.samples) for (let i = 0; i < chunk.length; i++) counts[chunk.channel[i]!]!++
  const series = measured.manifest.channels.map((channel, index) => ({
    channel,
    t: new Float64Array(counts[index]!),
    value: new Float64Array(counts[index]!),
  }))
  counts.fill(0)
  for (const chunk of measured.samples) {
    for (let i = 0; i < chunk.length; i++) {
      const index = chunk.channel[i]!
      const into = series[index]
      if (!into) continue
      const at = counts[index]!++
      into.t[at] = chunk.t[i]!
      into.value[at] = chunk.value[i]!
    }
  }
  return series
}

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

/** Largest reading within [from, to]; `undefined` when there is none. */
export function largest({ t, value }: ChannelSeries, from: number, to: number): number | undefined {
  let max: number | undefined
  for (let i = 0; i < t.length; i++) {
    const v = value[i]!
    if (t[i]! >= from && t[i]! <= to && !Number.isNaN(v) && (max === undefined || v > max)) max = v
  }
  return max
}

export interface Mean {
  readonly value: number
  /** Half-width of the 95 % interval. */
  readonly error: number
  readonly n: number
}

/**
 * Mean of a gauge over [from, to], each reading weighted by its time; `undefined` with fewer than three readings. The
 * variance comes from successive differences (Wolter, Introduction to Variance Estimation, §8.2), so a slow drift, which
 * is no sampling error, widens it little.
 */
export function gaugeMean({ t, value }: ChannelSeries, from: number, to: number): Mean | undefined {
  let sum = 0
  let known = 0
  let squares = 0
  let n = 0
  for (let i = 1; i < t.length; i++) {
    const a = t[i - 1]!
    const b = t[i]!
    const both = value[i]! + value[i - 1]!
    if (a < from || b > to || b <= a || Number.isNaN(both)) continue
    sum += (both / 2) * (b - a)
    known += b - a
    squares += (value[i]! - value[i - 1]!) ** 2
    n++
  }
  if (n < 2) return undefined
  const error = studentQuantile(0.975, Math.min(n, 1000)) * Math.sqrt(squares / 2 / n / (n + 1))
  return { value: sum / known, error, n: n + 1 }
}
