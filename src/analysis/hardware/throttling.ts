// Which devices were throttled, why, and for which share of a window.
import type { Throttle } from '../../run/channel.ts'
import type { Figure } from '../../run/figure.ts'
import type { ThrottleReason } from '../../run/throttle-reason.ts'
import type { ChannelSeries } from '../channels/channel-series.ts'
import { counterDelta } from '../channels/counter-delta.ts'
import { deviceOf } from '../channels/device-readings.ts'

export interface Window {
  readonly from: number
  readonly to: number
}

export type ThrottleSource =
  | { readonly kind: 'time' | 'count'; readonly series: ChannelSeries; readonly reason: ThrottleReason }
  | {
      readonly kind: 'mask'
      readonly series: ChannelSeries
      readonly reason: ThrottleReason
      /** 0: any. */
      readonly bit: number
    }

/** What tells of devices held back, one a device and reason. */
export const throttleSources = (all: readonly ChannelSeries[]): readonly ThrottleSource[] =>
  withoutFallbacks(all.flatMap((series) => sourcesOf(series)))

/** The mask as sampled is the fallback of the counters. */
function withoutFallbacks(sources: readonly ThrottleSource[]): readonly ThrottleSource[] {
  const counted = new Set(
    sources.flatMap((source) => (source.kind === 'mask' ? [] : [deviceOf(source.series.channel)])),
  )
  return sources.filter((source) => source.kind !== 'mask' || !counted.has(deviceOf(source.series.channel)))
}

/** Cumulative times and counts of one reason, and masks of several. */
function sourcesOf(series: ChannelSeries): readonly ThrottleSource[] {
  const { quantity, kind, throttle } = series.channel
  if (quantity === 'throttle')
    return (throttle ?? unsaid).map(({ bit = 0, reason }) => ({ kind: 'mask', series, reason, bit }))
  if (kind !== 'counter' || (quantity !== 'time' && quantity !== 'count')) return []
  return (throttle ?? []).map(({ reason }) => ({ kind: quantity, series, reason }))
}

/** Of a mask that does not say what its bits mean. */
const unsaid: readonly Throttle[] = [{ reason: 'throttle' }]

export function timeShare(series: ChannelSeries, { from, to }: Window): Figure | undefined {
  const rise = counterDelta(series, from, to)
  if (!rise) return undefined
  const seconds = (to - from) / 1e9
  const value = Math.min(1, throttledSeconds(series, { from, to }) / rise.coverage / seconds)
  const half = rise.error / seconds
  return { value, low: Math.max(0, value - half), high: Math.min(1, value + half), n: rise.n, unit: 'ratio' }
}

/**
 * Seconds of the window in which a cumulative time ran. A step longer than the time in which it came was added when the
 * throttling ended, as Intel's driver does it: it lies before that.
 */
function throttledSeconds({ t, value }: ChannelSeries, { from, to }: Window): number {
  let sum = 0
  for (let i = 1; i < t.length; i++) {
    const rise = (value[i]! - value[i - 1]!) * 1e9
    if (!(rise > 0)) continue
    const begin = Math.min(t[i - 1]!, t[i]! - rise)
    const overlap = Math.max(0, Math.min(t[i]!, to) - Math.max(begin, from))
    sum += overlap * Math.min(1, rise / (t[i]! - begin))
  }
  return Math.min(sum, to - from) / 1e9
}

// Wilson's interval: readings of a state are few and the share is often near an end.
export function maskShare({ t, value }: ChannelSeries, bit: number, { from, to }: Window): Figure | undefined {
  let n = 0
  let set = 0
  for (let i = 0; i < t.length; i++) {
    if (t[i]! < from || t[i]! > to || Number.isNaN(value[i]!)) continue
    n++
    if (isSet(value[i]!, bit)) set++
  }
  if (n === 0) return undefined
  const p = set / n
  const z2 = 1.96 ** 2
  const middle = (p + z2 / 2 / n) / (1 + z2 / n)
  const half = (Math.sqrt((p * (1 - p)) / n + z2 / 4 / n ** 2) * 1.96) / (1 + z2 / n)
  return { value: p, low: Math.max(0, middle - half), high: Math.min(1, middle + half), n, unit: 'ratio' }
}

// Masks are float64 here: bits above 31 are beyond JavaScript's integer operators.
const isSet = (mask: number, bit: number): boolean => (bit === 0 ? mask !== 0 : Math.floor(mask / bit) % 2 === 1)

/** A second counts as throttled when some device was held back in more than this share of it. */
const throttledShare = 0.1

/** Whether a device was held back in more than a tenth of the time. */
export function isThrottled(source: ThrottleSource, second: Window): boolean {
  if (source.kind === 'mask') return (maskShare(source.series, source.bit, second)?.value ?? 0) > throttledShare
  if (source.kind === 'time')
    return throttledSeconds(source.series, second) > throttledShare * ((second.to - second.from) / 1e9)
  return (counterDelta(source.series, second.from, second.to)?.value ?? 0) >= 1
}
