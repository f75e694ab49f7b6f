// Temperatures and clocks over the window, how long each device was throttled and why, and whether the slow seconds were the
// throttled ones: a correlation, not a cause.
import type { GaugeSummary, ThermalSection } from '../../run/sections/hardware.ts'
import type { Figure } from '../../run/figure.ts'
import type { Measured } from '../../run/source.ts'
import type { ThrottleReason } from '../../run/throttle-reason.ts'
import { differenceHalf } from '../../stats/mean.ts'
import { Moments } from '../../stats/moments.ts'
import { channelSeries, type ChannelSeries } from '../channels/channel-series.ts'
import { counterDelta } from '../channels/counter-delta.ts'
import { deviceOf } from '../channels/device-readings.ts'
import type { Samples } from '../requests/latency.ts'
import { type ThrottleSource, throttleSources, maskShare, isThrottled, timeShare, type Window } from './throttling.ts'

const isHeat: Readonly<Record<ThrottleReason, boolean>> = {
  power: false,
  'power-cap': false,
  'power-brake': false,
  current: false,
  board: false,
  thermal: true,
  'thermal-core': true,
  'thermal-package': true,
  'thermal-hardware': true,
  'sw-thermal': true,
  'hw-thermal': true,
  'vr-thermal': true,
  'memory-thermal': true,
  prochot: true,
  'hardware-slowdown': true,
  other: false,
  // Heat is what throttles most devices.
  throttle: true,
}

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

const sameReason = (a: ThermalSection['throttled'][number], b: ThermalSection['throttled'][number]): boolean =>
  a.device === b.device && a.reason === b.reason

function rowOf(source: ThrottleSource, window: Window): ThermalSection['throttled'] {
  const { series, reason } = source
  const row = { device: deviceOf(series.channel), reason, thermal: isHeat[reason], source: series.channel.id }
  if (source.kind === 'count') {
    const rise = counterDelta(series, window.from, window.to)
    return rise && rise.value > 0 ? [{ ...row, share: null, times: Math.round(rise.value) }] : []
  }
  const share = source.kind === 'mask' ? maskShare(series, source.bit, window) : timeShare(series, window)
  return share && share.value! > 0 ? [{ ...row, share, times: null }] : []
}

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
    excess_share: rise > 0 ? within / rise : null,
  }
}

/** Relative change of the seconds' means, Welch's interval; `null` with fewer than three seconds of either kind. */
function changeOf(throttled: Moments, free: Moments): Figure | null {
  if (throttled.count < 3 || free.count < 3 || !(free.mean > 0)) return null
  const half = differenceHalf(throttled, free)
  const value = throttled.mean / free.mean - 1
  return {
    value,
    low: value - half / free.mean,
    high: value + half / free.mean,
    n: throttled.count + free.count,
    unit: 'ratio',
  }
}
