// Heat: temperatures and clocks over the window, how long each device was held back and why, and whether the slow seconds
// were the throttled ones. That two things happened together is all it says.
import type { GaugeSummary, ThermalSection } from '../run/document.ts'
import type { Figure } from '../run/figure.ts'
import type { Measured } from '../run/ports.ts'
import { studentQuantile } from '../stats/student.ts'
import { channelSeries, counterDelta, type ChannelSeries } from './channel-series.ts'
import { Moments } from '../stats/moments.ts'
import type { Samples } from './latency.ts'

interface Window {
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

const isHeat = (reason: string): boolean => /therm|temp|hot|prochot|slowdown/.test(reason) || reason === 'throttle'

/** `null` where neither a temperature nor a clock nor a throttle reason was read. */
export function analyseThermal(measured: Measured, window: Window, service: Samples): ThermalSection | null {
  if (!(window.to > window.from)) return null
  const all = channelSeries(measured)
  const courses = (quantity: 'temperature' | 'clock'): readonly GaugeSummary[] =>
    all.flatMap((series) => (series.channel.quantity === quantity ? courseOf(series, window) : []))
  const temperatures = courses('temperature')
  const clocks = courses('clock')
  const sources = throttleSources(all)
  const every = sources.flatMap((source) => rowOf(source, window))
  const shares = every.filter(({ share }) => share !== null)
  // Occurrences are the fallback of times.
  const rows = [
    ...shares,
    ...every.filter((row) => row.share === null && !shares.some((share) => sameReason(share, row))),
  ]
  if (temperatures.length === 0 && clocks.length === 0 && rows.length === 0) return null
  return { temperatures, clocks, throttled: rows, coincidence: coincidenceOf(sources, window, service) }
}

function courseOf({ channel, t, value }: ChannelSeries, { from, to }: Window): readonly GaugeSummary[] {
  let start: number | undefined
  let end = 0
  let max = Number.NEGATIVE_INFINITY
  let min = Number.POSITIVE_INFINITY
  for (let i = 0; i < t.length; i++) {
    const v = value[i]!
    if (t[i]! < from || t[i]! > to || Number.isNaN(v)) continue
    start ??= v
    end = v
    max = Math.max(max, v)
    min = Math.min(min, v)
  }
  return start === undefined ? [] : [{ channel: channel.id, unit: channel.unit, start, max, min, end }]
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

const sameReason = (a: ThermalSection['throttled'][number], b: ThermalSection['throttled'][number]): boolean =>
  a.device === b.device && a.reason === b.reason

export const deviceOf = ({ channel }: ChannelSeries): string =>
  channel.device ?? channel.id.split('/').slice(0, -1).join('/')

function rowOf(source: ThrottleSource, window: Window): ThermalSection['throttled'] {
  const { series, reason } = source
  const row = { device: deviceOf(series), reason, thermal: isHeat(reason), source: series.channel.id }
  if (source.kind === 'count') {
    const rise = counterDelta(series, window.from, window.to)
    return rise && rise.value > 0 ? [{ ...row, share: null, times: Math.round(rise.value) }] : []
  }
  const share = source.kind === 'mask' ? maskShare(series, source.bit, window) : timeShare(series, window)
  return share && share.value! > 0 ? [{ ...row, share, times: null }] : []
}

function timeShare(series: ChannelSeries, { from, to }: Window): Figure | undefined {
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
function maskShare({ t, value }: ChannelSeries, bit: number, { from, to }: Window): Figure | undefined {
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

function coincidenceOf(
  sources: readonly ThrottleSource[],
  { from, to }: Window,
  service: Samples,
): ThermalSection['coincidence'] {
  const seconds = Math.floor((to - from) / 1e9)
  if (seconds < 1 || sources.length === 0) return null
  const held = Array.from({ length: seconds }, (_, s) =>
    sources.some((source) => isThrottled(source, { from: from + s * 1e9, to: from + (s + 1) * 1e9 })),
  )
  const means = Array.from({ length: seconds }, () => new Moments())
  for (let i = 0; i < service.ns.length; i++)
    means[Math.floor((service.at[i]! - from) / 1e9)]?.add(service.ns[i]! / 1e6)
  const throttled = new Moments()
  const free = new Moments()
  means.forEach((second, s) => {
    if (second.count > 0) (held[s] ? throttled : free).add(second.mean)
  })
  if (throttled.count === 0 || free.count === 0) return null
  let rise = 0
  let within = 0
  means.forEach((second, s) => {
    const excess = Math.max(0, second.mean - free.mean) * second.count
    rise += excess
    if (held[s]) within += excess
  })
  return {
    throttled_s: throttled.count,
    free_s: free.count,
    throttled_ms: throttled.mean,
    free_ms: free.mean,
    change: changeOf(throttled, free),
    rise_share: rise > 0 ? within / rise : null,
  }
}

/** Whether a device was held back in more than a tenth of the time. */
export function isThrottled(source: ThrottleSource, second: Window): boolean {
  if (source.kind === 'mask') return (maskShare(source.series, source.bit, second)?.value ?? 0) > throttledShare
  if (source.kind === 'time')
    return throttledSeconds(source.series, second) > throttledShare * ((second.to - second.from) / 1e9)
  return (counterDelta(source.series, second.from, second.to)?.value ?? 0) >= 1
}

/** Relative change of the seconds' means, Welch's interval; `null` with fewer than three seconds of either kind. */
function changeOf(throttled: Moments, free: Moments): Figure | null {
  if (throttled.count < 3 || free.count < 3 || !(free.mean > 0)) return null
  const a = throttled.variance / throttled.count
  const b = free.variance / free.count
  const df = (a + b) ** 2 / (a ** 2 / (throttled.count - 1) + b ** 2 / (free.count - 1))
  const half = a + b > 0 ? Math.sqrt(a + b) * studentQuantile(0.975, Math.max(1, df)) : 0
  const value = throttled.mean / free.mean - 1
  return {
    value,
    low: value - half / free.mean,
    high: value + half / free.mean,
    n: throttled.count + free.count,
    unit: 'ratio',
  }
}
