// One sensor channel as a series in order of time, and what one asks of it: a counter's rise between two moments, a
// gauge's integral. NaN marks an interval nobody knows; it is never bridged silently.
import type { Channel } from '../run/channel.ts'
import type { Measured } from '../run/ports.ts'

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

export interface Amount {
  /** What was counted or integrated over the part of the window that is known. */
  readonly value: number
  /** Share of the window that readings cover. */
  readonly coverage: number
  /** Half-width of the 95 % statistical interval. */
  readonly error: number
  /** Readings within the window. */
  readonly n: number
}

/** Share of a step's energy that its edge may misplace, after interpolation within the step (power.md §8.4: κ ≈ 0.3). */
const edgeShare = 0.3

/**
 * Rise of a counter over [from, to], edges interpolated between readings; `undefined` with fewer than two readings.
 * The error is what the two edge steps may misplace.
 */
export function counterRise({ t, value }: ChannelSeries, from: number, to: number): Amount | undefined {
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

/**
 * Integral of a gauge (per second) over [from, to] by trapezoids; the error takes the readings as a sample of a varying
 * power: 1.96 standard deviations of the steps, shared over their number, plus the edges.
 */
export function gaugeIntegral({ t, value }: ChannelSeries, from: number, to: number): Amount | undefined {
  let sum = 0
  let known = 0
  let changes = 0
  let n = 0
  for (let i = 1; i < t.length; i++) {
    const a = t[i - 1]!
    const b = t[i]!
    if (b <= from || a >= to || b <= a) continue
    const va = value[i - 1]!
    const vb = value[i]!
    if (Number.isNaN(va + vb)) continue
    const left = Math.max(a, from)
    const right = Math.min(b, to)
    const at = (x: number): number => va + ((vb - va) * (x - a)) / (b - a)
    sum += (((at(left) + at(right)) / 2) * (right - left)) / 1e9
    known += right - left
    changes += (((vb - va) * (b - a)) / 1e9) ** 2 / 12
    n++
  }
  return known <= 0
    ? undefined
    : { value: sum, coverage: known / (to - from), error: 1.96 * Math.sqrt(changes), n: n + 1 }
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
