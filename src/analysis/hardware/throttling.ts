// Which devices were throttled, why, and for which share of a window.
import type { Figure } from '../../run/figure.ts'
import type { ChannelSeries } from '../channels/channel-series.ts'
import { counterDelta } from '../channels/counter-delta.ts'

export interface Window {
  readonly from: number
  readonly to: number
}

/**
 * Bits of NVML's clock event reasons that hold a GPU back (nvml.h, nvmlClocksEventReason*). Idle (0x1), application clocks
 * (0x2), sync boost (0x10) and display clocks (0x100) are settings, not throttling.
 */
const nvmlReasons: readonly (readonly [number, string])[] = [
  [0x4, 'power-cap'],
  [0x8, 'hardware-slowdown'],
  [0x20, 'thermal'],
  [0x40, 'thermal-hardware'],
  [0x80, 'power-brake'],
]

/** Bits of `throttle` of the sensors of AMD and Intel GPUs, which translate their drivers' (docs/sensors.md). */
const drmReasons: readonly (readonly [number, string])[] = [
  [0x1, 'power-cap'],
  [0x2, 'current'],
  [0x4, 'thermal'],
  [0x8, 'prochot'],
  [0x10, 'other'],
]

const reasonsOf: Readonly<Record<string, typeof nvmlReasons>> = {
  nvml: nvmlReasons,
  amdgpu: drmReasons,
  'intel-gpu': drmReasons,
}

export type ThrottleSource =
  | { readonly kind: 'time' | 'count'; readonly series: ChannelSeries; readonly reason: string }
  | { readonly kind: 'mask'; readonly series: ChannelSeries; readonly reason: string; readonly bit: number }

/** What tells of devices held back, one a device and reason. */
export const throttleSources = (all: readonly ChannelSeries[]): readonly ThrottleSource[] =>
  withoutFallbacks(all.flatMap((series) => sourcesOf(series)))

/** The mask as sampled is the fallback of the counters. */
function withoutFallbacks(sources: readonly ThrottleSource[]): readonly ThrottleSource[] {
  const counted = new Set(sources.flatMap((source) => (source.kind === 'mask' ? [] : [deviceOf(source.series)])))
  return sources.filter((source) => source.kind !== 'mask' || !counted.has(deviceOf(source.series)))
}

/** Cumulative times and counts named `throttle…`, and masks of reasons. The cgroup's quota is another matter. */
function sourcesOf(series: ChannelSeries): readonly ThrottleSource[] {
  const { channel } = series
  if (channel.scope === 'cgroup') return []
  const last = channel.id.split('/').at(-1)!
  if (channel.quantity === 'throttle') {
    // By the id, which a replayed reading keeps.
    const known = reasonsOf[channel.id.split('/')[0]!] ?? [[0, 'throttle'] as const]
    return known.map(([bit, reason]) => ({ kind: 'mask', series, reason, bit }))
  }
  if (channel.kind !== 'counter' || !/throttle/.test(last)) return []
  const reason = last.replace(/^(?:[\w-]*-)?throttled?-?/, '').replace(/-count$/, '') || 'throttle'
  if (channel.quantity === 'time') return [{ kind: 'time', series, reason }]
  return channel.quantity === 'count' ? [{ kind: 'count', series, reason }] : []
}

export const deviceOf = ({ channel }: ChannelSeries): string =>
  channel.device ?? channel.id.split('/').slice(0, -1).join('/')

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
