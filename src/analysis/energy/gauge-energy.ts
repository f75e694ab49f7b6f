// Energy of a window from a power reading: integrated by trapezoids. A reading that averages over a window is set to the
// middle of it, and one whose window reaches over the edge of ours is not used: the nearest that does not is held instead.
import type { ChannelSeries } from '../channels/channel-series.ts'
import { edgeShare, halfWidth, type Amount, type SensorTiming } from './amount.ts'
import { usualDistance } from '../channels/usual-distance.ts'
import { overlaps } from './suspends.ts'

interface Readings {
  /** ns, moved to the middle of what a reading covers. */
  readonly t: readonly number[]
  readonly watts: readonly number[]
  /** Whether the interval before this reading is known. */
  readonly joined: readonly boolean[]
  /** Their usual distance, ns. */
  readonly poll: number
}

/** `undefined` without two readings that say anything about the window. */
export function gaugeEnergy(
  series: ChannelSeries,
  window: { readonly from: number; readonly to: number },
  timing: SensorTiming,
): Amount | undefined {
  const { from, to } = window
  const averaged = series.channel.kind === 'average'
  const all = readingsOf(series, timing, averaged ? timing.window / 2 : 0)
  if (all.t.length < 2) return undefined
  const resolution = Math.max(timing.period, timing.window, all.poll)
  const inner = averaged && timing.window > 0 ? heldAtEdges(all, timing.window / 2, from, to) : all
  const sum = integrate(inner, from, to, Math.max(timing.period, all.poll), timing.window)
  if (sum.known <= 0) return undefined
  const near = (x: number): readonly number[] =>
    all.watts.filter((_, i) => Math.abs(all.t[i]! - x) <= resolution + all.poll + timing.window)
  // A reading is up to a period old and speaks of a window before that; an average was moved by its half already.
  const lag = (timing.period + all.poll / 2 + (averaged ? 0 : timing.window / 2)) / 1e9
  const repeat = Math.sqrt(resolution * Math.min(resolution, timing.rhythm ?? resolution)) / 1e9
  const edge = (x: number): number => {
    const watts = near(x)
    if (watts.length === 0) return 0
    const peak = Math.max(...watts)
    const swing = peak - Math.min(...watts)
    return (edgeShare * peak * repeat) ** 2 + ((swing * lag) / 1.96) ** 2
  }
  return {
    joules: sum.joules,
    coverage: Math.min(1, sum.known / (to - from)),
    error: halfWidth(sum.variance + edge(from) + edge(to), sum.n),
    bounds: [(sum.least * (to - from)) / 1e9, (sum.most * (to - from)) / 1e9],
    n: sum.n,
    belowResolution: to - from < 2 * resolution,
  }
}

/**
 * Readings in order, without those that cannot be power; an interval much longer than the usual one is not bridged, nor
 * one that the sensor marks as nobody's (NaN).
 */
function readingsOf({ t, value }: ChannelSeries, { period, gaps, burst }: SensorTiming, shift: number): Readings {
  const times: number[] = []
  const watts: number[] = []
  const broken: boolean[] = []
  let last = Number.NaN
  let unknown = false
  for (let i = 0; i < t.length; i++) {
    const at = t[i]!
    const v = value[i]!
    if (Number.isNaN(v)) unknown = true
    if (!(v >= 0) || !Number.isFinite(v) || at <= last) continue
    times.push(at)
    watts.push(v)
    broken.push(unknown)
    unknown = false
    last = at
  }
  const poll = usualDistance(times, burst)
  const longest = 5 * Math.max(poll, period)
  const joined = times.map(
    (at, i) => i > 0 && !broken[i] && at - times[i - 1]! <= longest && !overlaps(gaps, times[i - 1]!, at),
  )
  return { t: times.map((at) => at - shift), watts, joined, poll }
}

/** Only readings that lie `half` within the window, the first and last of them held up to its edges. */
function heldAtEdges(all: Readings, half: number, from: number, to: number): Readings {
  const t: number[] = []
  const watts: number[] = []
  const joined: boolean[] = []
  all.t.forEach((at, i) => {
    if (at < from + half || at > to - half) return
    if (t.length === 0) {
      t.push(Math.max(from, at - half - all.poll))
      watts.push(all.watts[i]!)
      joined.push(false)
    }
    t.push(at)
    watts.push(all.watts[i]!)
    joined.push(t.length === 2 || all.joined[i]!)
  })
  if (t.length > 0) {
    t.push(Math.min(to, t.at(-1)! + half + all.poll))
    watts.push(watts.at(-1)!)
    joined.push(true)
  }
  return { ...all, t, watts, joined }
}

/** Divisor of a squared difference between two samples. */
export const samplePart = 1.5

interface Integral {
  readonly joules: number
  readonly known: number
  readonly variance: number
  readonly n: number
  readonly least: number
  readonly most: number
}

// Each reading stands for `span`. One that averages over at least that has seen everything, and only the place of a change
// is unknown (uniform: Δ²/12). One that sees a part of it is a sample: the variance of its mean from successive differences
// (Wolter, Introduction to Variance Estimation, §8.2, estimator v2: Δ²/2), right for loads faster than the sensor and wide
// for slower ones; wider by a seventh here, because readings of a load that repeats are not quite independent.
function integrate({ t, watts, joined }: Readings, from: number, to: number, span: number, window: number): Integral {
  const part = window >= span ? 12 : samplePart
  let joules = 0
  let known = 0
  let variance = 0
  let n = 0
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (let i = 1; i < t.length; i++) {
    const a = t[i - 1]!
    const b = t[i]!
    if (!joined[i] || b <= from || a >= to || b <= a) continue
    const left = Math.max(a, from)
    const right = Math.min(b, to)
    const at = (x: number): number => watts[i - 1]! + ((watts[i]! - watts[i - 1]!) * (x - a)) / (b - a)
    joules += (((at(left) + at(right)) / 2) * (right - left)) / 1e9
    known += right - left
    variance += (((watts[i]! - watts[i - 1]!) * Math.max(b - a, span)) / 1e9) ** 2 / part
    least = Math.min(least, watts[i - 1]!, watts[i]!)
    most = Math.max(most, watts[i - 1]!, watts[i]!)
    n++
  }
  return { joules, known, variance, n: n === 0 ? 0 : n + 1, least, most }
}
