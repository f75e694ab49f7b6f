// What the readings of a power or energy sensor say about the sensor: how often it updates, in which steps, over how long
// it averages (from the rise at the load's start). From the fast readings before the load where there were any.
import { readingMean } from './gauge-mean.ts'
import { measuresPower } from '../../run/channel.ts'
import type { SensorCharacter } from '../../run/sections/energy.ts'
import type { RunEvent } from '../../run/event.ts'
import { median } from '../../stats/quantile.ts'
import { phaseWindow, type PhaseWindow } from '../phases.ts'
import type { ChannelSeries } from './channel-series.ts'
import { usualDistance } from './usual-distance.ts'

/** Changes below which nothing is said about a period. */
const leastChanges = 8

/** Share of readings that repeat below which the sensor is as fast as it was read. */
const leastRepeats = 0.2

/** One row a power or energy channel that gave readings. */
export function characterise(all: readonly ChannelSeries[], events: readonly RunEvent[]): readonly SensorCharacter[] {
  const fast = phaseWindow(events, 'characterise')
  const load = phaseWindow(events, 'load')
  const read = new Map(
    events.flatMap((event) =>
      event.kind === 'sensor_read'
        ? [[(event as RunEvent<'sensor_read'>).data.id, (event as RunEvent<'sensor_read'>).data.median_us] as const]
        : [],
    ),
  )
  return all.flatMap((series) => {
    const { channel } = series
    if (!measuresPower(channel) || series.t.length < 2) return []
    const part = (fast && within(series, fast)) ?? series
    const changes = changesOf(part.t.length >= 20 ? part : series)
    const window = channel.window_ms ?? (load ? windowByStep(series, load.from) : undefined)
    return [
      {
        channel: channel.id,
        period_ms: changes.period,
        window_ms: window ?? null,
        window_from:
          window === undefined ? null : channel.window_ms === undefined ? ('step' as const) : ('declared' as const),
        step: changes.step,
        poll_ms: usualDistance(series.t, fast) / 1e6 || null,
        read_us: read.get(channel.sensor) ?? null,
        changes: changes.n,
      },
    ]
  })
}

function within(series: ChannelSeries, { from, to }: PhaseWindow): ChannelSeries {
  let first = 0
  while (first < series.t.length && series.t[first]! < from) first++
  let last = first
  while (last < series.t.length && series.t[last]! <= to) last++
  return { channel: series.channel, t: series.t.subarray(first, last), value: series.value.subarray(first, last) }
}

/** Update period and polling interval in ms, smallest step; `null` where the readings do not tell. */
export function changesOf({ t, value }: Pick<ChannelSeries, 't' | 'value'>): {
  readonly period: number | null
  readonly step: number | null
  readonly poll: number | null
  readonly n: number
} {
  const polls: number[] = []
  const gaps: number[] = []
  let step = Number.POSITIVE_INFINITY
  let n = 0
  let first = Number.NaN
  let last = Number.NaN
  for (let i = 1; i < t.length; i++) {
    const change = value[i]! - value[i - 1]!
    if (!(t[i]! > t[i - 1]!) || Number.isNaN(change)) continue
    polls.push(t[i]! - t[i - 1]!)
    if (change === 0) continue
    n++
    if (Number.isNaN(first)) first = t[i]!
    else gaps.push(t[i]! - last)
    last = t[i]!
    step = Math.min(step, Math.abs(change))
  }
  const poll = median(polls)
  return {
    period: n < leastChanges || n > (1 - leastRepeats) * polls.length ? null : periodOf(gaps, last - first) / 1e6,
    // Floating-point dust below what any sensor resolves.
    step: n === 0 ? null : Number(step.toPrecision(6)),
    poll: Number.isNaN(poll) ? null : poll / 1e6,
    n,
  }
}

// A quiet signal may not change at an update: a short gap is one period, longer ones are several.
function periodOf(gaps: readonly number[], span: number): number {
  const sorted = Float64Array.from(gaps).sort()
  const one = sorted[Math.floor(sorted.length / 5)]!
  const updates = gaps.reduce((sum, gap) => sum + Math.max(1, Math.round(gap / one)), 0)
  return span / updates
}

/**
 * Class of the averaging window, ms, from the time the power takes from 10 to 90 % of its step when the load begins: a
 * boxcar of w rises in 0.8 w. The classes are those seen in GPUs (arXiv 2312.02741, artefact): 25, 100 and 1000 ms.
 */
function windowByStep(series: ChannelSeries, start: number): number | undefined {
  const { channel, t, value } = series
  if (channel.quantity !== 'power') return undefined
  const before = readingMean(series, start - 1.5e9, start - 0.1e9, 3)
  const after = readingMean(series, start + 1.5e9, start + 3e9, 3)
  if (!(after - before > 0.2 * after)) return undefined
  const crossing = (share: number): number => {
    const level = before + share * (after - before)
    for (let i = 1; i < t.length; i++) {
      if (t[i]! < start - 0.1e9 || value[i]! < level || !(value[i - 1]! < level)) continue
      return t[i - 1]! + ((t[i]! - t[i - 1]!) * (level - value[i - 1]!)) / (value[i]! - value[i - 1]!)
    }
    return Number.NaN
  }
  const rise = (crossing(0.9) - crossing(0.1)) / 1e6
  const polls = Array.from(t.subarray(1), (at, i) => at - t[i]!).filter((gap, i) => t[i]! > start - 1e9 && gap > 0)
  const poll = median(polls) / 1e6
  if (!(rise >= 0)) return undefined
  if (rise >= 500) return 1000
  // Slower readings than this cannot tell the shorter classes apart.
  if (!(poll <= 10)) return undefined
  return rise >= 45 ? 100 : 25
}

/**
 * How many repetitions of a stage, each begun at a random phase of the sensor, give its energy within `relative` (95 %).
 * A sensor that averages over its whole period misplaces only the two ends: 1.96·√2·T·P/√12 when nothing is interpolated.
 * One that sees a part of it samples: with a contrast c (standard deviation over mean of the power; 1 for half on, half
 * off) n samples know the mean to 1.96·c/√n of it. At least 4, since phases must differ.
 * @param sensor ms @param stage ms
 * @example repetitions({ period: 100, window: 25 }, 40, 0.05)
 */
export function repetitions(
  sensor: { readonly period: number; readonly window: number },
  stage: number,
  relative: number,
  contrast = 1,
): number {
  const { period, window } = sensor
  if (!(period > 0) || !(stage > 0) || !(relative > 0)) return Number.NaN
  const ends = ((1.96 * Math.SQRT2) / Math.sqrt(12)) * (Math.max(period, window) / stage / relative)
  const samples = window >= period ? 0 : ((1.96 * contrast) / relative) ** 2 * (1 - window / period)
  return Math.max(4, Math.ceil(ends), Math.ceil((samples * period) / stage))
}
