// Temperatures, clocks, throttling and the service time over the load, second by second on one time axis, so that one sees
// what happened together.
import type { Channel } from '../../run/channel.ts'
import type { RunDocument } from '../../run/document.ts'
import type { Measured } from '../../run/source.ts'
import { Moments } from '../../stats/moments.ts'
import { channelSeries, type ChannelSeries } from '../channels/channel-series.ts'
import { deviceOf } from '../channels/device-readings.ts'
import { measuredWindow } from '../requests/measured-window.ts'
import { loadStart } from '../requests/load-start.ts'
import { Rows } from '../requests/rows.ts'
import { seriesOf } from '../requests/series.ts'
import { isThrottled, throttleSources } from './throttling.ts'
import { ownRecording } from '../../run/recording.ts'

const mostPoints = 300

export interface ThermalSeries {
  /** End of the time axis, s since the load began. */
  readonly to: number
  readonly temperatures: readonly ThermalLine[]
  readonly clocks: readonly ThermalLine[]
  /** Whole seconds of the measured window in which a device was held back, s since the load began. */
  readonly throttled: readonly {
    readonly device: string
    readonly reason: string
    readonly seconds: readonly (readonly [number, number])[]
  }[]
  /** Mean service time of each second of the measured window, ms. */
  readonly service: readonly { readonly from: number; readonly ms: number }[]
}

export interface ThermalLine {
  readonly channel: Channel
  /** s since the load began, and the value; `undefined` breaks the line. */
  readonly at: readonly (readonly [number, number | undefined])[]
}

/** `undefined` where neither a temperature nor a clock nor a throttle reason was read. */
export function thermalSeries(measured: Measured, document: RunDocument): ThermalSeries | undefined {
  const recording = ownRecording(measured.manifest)
  if (!recording || !(recording.to > recording.from)) return undefined
  const all = channelSeries(measured)
  const rows = new Rows(measured.requests)
  const zero = loadStart(rows, measured.manifest)
  const end = recording.to
  const prefix = document.requests.excluded_warmup
  const window = measuredWindow(rows, prefix)
  const count = Math.max(0, Math.floor((window.to - window.from) / 1e9))
  const second = (s: number) => ({ from: window.from + s * 1e9, to: window.from + (s + 1) * 1e9 })
  const since = (t: number): number => (t - zero) / 1e9
  const courses = (quantity: Channel['quantity']): readonly ThermalLine[] =>
    all.flatMap((series) => (series.channel.quantity === quantity ? thermalLine(series, zero, end) : []))
  const throttled = throttleSources(all).flatMap((source) => {
    const seconds = Array.from({ length: count }, (_, s) => second(s)).filter((each) => isThrottled(source, each))
    return seconds.length === 0
      ? []
      : [
          {
            device: deviceOf(source.series.channel),
            reason: source.reason,
            seconds: joined(seconds.map(({ from, to }) => [since(from), since(to)] as const)),
          },
        ]
  })
  const found = { temperatures: courses('temperature'), clocks: courses('clock'), throttled }
  if (found.temperatures.length + found.clocks.length + throttled.length === 0) return undefined
  const { service } = seriesOf(rows, prefix)
  const means = Array.from({ length: count }, () => new Moments())
  for (let i = 0; i < service.ns.length; i++)
    means[Math.floor((service.at[i]! - window.from) / 1e9)]?.add(service.ns[i]! / 1e6)
  return {
    ...found,
    to: since(end),
    service: means.flatMap((each, s) => (each.count > 0 ? [{ from: since(second(s).from), ms: each.mean }] : [])),
  }
}

/** Means of intervals; an interval without a reading breaks the line where the sensor is faster than that. */
function thermalLine({ channel, t, value }: ChannelSeries, zero: number, end: number): readonly ThermalLine[] {
  const within: (readonly [number, number])[] = []
  for (let i = 0; i < t.length; i++) {
    if (t[i]! >= zero && t[i]! <= end && Number.isFinite(value[i]!)) within.push([t[i]!, value[i]!])
  }
  if (within.length < 2) return []
  const usual = (within.at(-1)![0] - within[0]![0]) / (within.length - 1)
  const step = Math.max((end - zero) / mostPoints, usual)
  const points: (readonly [number, number | undefined])[] = []
  for (let i = 0; i < within.length;) {
    const start = within[i]![0]
    const before = points.length > 0 ? within[i - 1]![0] : start
    if (start - before > 5 * step) points.push([(before - zero) / 1e9, undefined])
    const mean = new Moments()
    const middle = new Moments()
    for (; i < within.length && within[i]![0] < start + step; i++) {
      mean.add(within[i]![1])
      middle.add(within[i]![0])
    }
    points.push([(middle.mean - zero) / 1e9, mean.mean])
  }
  return [{ channel, at: points }]
}

/** Neighbours become one. */
function joined(seconds: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  const runs: [number, number][] = []
  for (const [from, to] of seconds) {
    const last = runs.at(-1)
    if (last && from - last[1] < 1e-6) last[1] = to
    else runs.push([from, to])
  }
  return runs
}
