// The carbon intensity of the grid while the load ran, from readings of a live source. Each stands until the next, at most for
// an hour, which is how often such sources publish; what no reading covers is not filled.
import type { LiveIntensity } from '../../run/sections/impact.ts'
import type { Measured } from '../../run/source.ts'
import { channelSeries, type ChannelSeries } from '../channels/channel-series.ts'

const hour = 3600e9

interface Window {
  /** ns since the epoch. */
  readonly from: number
  readonly to: number
}

/** `undefined` where there is no such channel, or none of its readings reaches into the window. */
export function liveIntensity(measured: Measured, window: Window): LiveIntensity | undefined {
  const { channels, started_at } = measured.manifest
  if (!channels.some(({ quantity }) => quantity === 'intensity')) return undefined
  const all = channelSeries(measured)
  const series = all.find(({ channel }) => channel.quantity === 'intensity' && channel.unit === 'g/kWh')
  if (!series || !(window.to > window.from)) return undefined
  const steps = stepsWithin(series, window)
  const covered = steps.reduce((sum, { length }) => sum + length, 0)
  if (covered <= 0) return undefined
  const values = steps.map(({ value }) => value)
  const flag = all.find(({ channel }) => channel.quantity === 'intensity' && channel.unit === '1')
  const flags = flag ? stepsWithin(flag, window) : []
  return {
    zone: series.channel.device ?? '',
    g_per_kwh: steps.reduce((sum, { value, length }) => sum + value * length, 0) / covered,
    low: Math.min(...values),
    high: Math.max(...values),
    readings: steps.length,
    coverage: covered / (window.to - window.from),
    estimated: flags.length === 0 ? null : flags.some(({ value }) => value > 0),
    year: new Date(started_at).getUTCFullYear(),
  }
}

interface Step {
  readonly value: number
  /** ns of the window in which it stood. */
  readonly length: number
}

/** The first reading also stands for up to an hour before it: what was published then was true already. */
function stepsWithin({ t, value }: ChannelSeries, { from, to }: Window): readonly Step[] {
  const known = [...t.keys()].filter((i) => Number.isFinite(value[i]))
  return known.flatMap((i, k) => {
    const begin = k === 0 ? t[i]! - hour : t[i]!
    const next = known[k + 1]
    const end = Math.min(t[i]! + hour, next === undefined ? Number.POSITIVE_INFINITY : t[next]!)
    const length = Math.min(end, to) - Math.max(begin, from)
    return length > 0 ? [{ value: value[i]!, length }] : []
  })
}
