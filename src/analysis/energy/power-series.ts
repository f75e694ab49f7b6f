// Power of one channel over time, in intervals: a counter's rise between the moments at which it changed, a power reading by
// trapezoids. An interval that is not known throughout has no power; it is never bridged and never 0.
import type { ChannelSeries } from '../channels/channel-series.ts'
import type { SensorTiming } from './amount.ts'
import { usualDistance } from '../channels/usual-distance.ts'
import { knotRuns } from './counter-energy.ts'
import { overlaps } from './suspends.ts'

export type Watts = readonly (number | undefined)[]

/** Mean power of each interval between neighbours of `edges` (ns, ascending), W. */
export function powerSeries(series: ChannelSeries, timing: SensorTiming, edges: Float64Array): Watts {
  const runs = series.channel.quantity === 'energy' ? knotRuns(series, timing) : integralRuns(series, timing)
  const watts = Array.from({ length: Math.max(0, edges.length - 1) }, (): number | undefined => undefined)
  for (const run of runs) {
    let k = 1
    const joulesAt = (x: number): number => {
      while (k < run.length - 1 && run[k]!.t < x) k++
      const [a, b] = [run[k - 1]!, run[k]!]
      return a.joules + ((b.joules - a.joules) * (x - a.t)) / (b.t - a.t)
    }
    const [first, last] = [run[0]!.t, run.at(-1)!.t]
    for (let i = 0; i + 1 < edges.length; i++) {
      const [from, to] = [edges[i]!, edges[i + 1]!]
      if (from < first || to > last) continue
      const before = joulesAt(from)
      watts[i] = ((joulesAt(to) - before) / (to - from)) * 1e9
    }
  }
  return watts
}

interface Point {
  readonly t: number
  readonly joules: number
}

/** Readings summed up to joules, in stretches without a gap; an average is moved back by half of what it covers. */
function integralRuns(series: ChannelSeries, timing: SensorTiming): readonly (readonly Point[])[] {
  const shift = series.channel.kind === 'average' ? timing.window / 2 : 0
  const runs: Point[][] = []
  let run: Point[] = []
  const end = (): void => {
    if (run.length > 1) runs.push(run)
    run = []
  }
  const { t, value } = series
  const holes = gapsOf(series, timing)
  let lastT = Number.NaN
  let lastWatts = Number.NaN
  for (let i = 0; i < t.length; i++) {
    const watts = value[i]!
    if (!(watts >= 0) || !Number.isFinite(watts) || t[i]! <= lastT) continue
    if (run.length > 0 && holes.some((hole) => hole.from < t[i]! && hole.to > lastT)) end()
    const joules = run.length === 0 ? 0 : run.at(-1)!.joules + (((watts + lastWatts) / 2) * (t[i]! - lastT)) / 1e9
    run.push({ t: t[i]! - shift, joules })
    lastT = t[i]!
    lastWatts = watts
  }
  end()
  return runs
}

export interface Gap {
  /** ns since the epoch. */
  readonly from: number
  readonly to: number
}

/** Stretches without a reading for five usual intervals, with a reading that is none, a counter that fell, or a suspend. */
export function gapsOf({ channel, t, value }: ChannelSeries, { period, gaps, burst }: SensorTiming): readonly Gap[] {
  const longest = 5 * Math.max(usualDistance(t, burst), period)
  const found: Gap[] = []
  let last = Number.NaN
  let lastValue = Number.NaN
  let broken = false
  for (let i = 0; i < t.length; i++) {
    const at = t[i]!
    const v = value[i]!
    if (at < last) continue
    if (!Number.isFinite(v) || (v < 0 && channel.quantity === 'power')) {
      broken = true
      continue
    }
    const fell = channel.kind === 'counter' && v < lastValue
    if (at - last > longest || ((broken || fell) && !Number.isNaN(last)) || overlaps(gaps, last, at))
      found.push({ from: last, to: at })
    last = at
    lastValue = v
    broken = false
  }
  return found
}

/** The finest interval a channel tells apart, ns. */
export function resolutionOf({ channel, t }: ChannelSeries, { period, window, burst }: SensorTiming): number {
  const poll = usualDistance(t, burst)
  const own = Math.max(period, channel.kind === 'average' ? window : 0)
  // A counter's update is met somewhere between two readings: over one interval its rise may be that of two.
  return channel.quantity === 'energy' ? Math.max(2 * poll, own) : Math.max(poll, own)
}
