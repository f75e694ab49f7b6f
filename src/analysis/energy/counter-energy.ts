// Energy of a window from a hardware energy counter. A counter that is read more often than it updates repeats itself, so
// energy is interpolated between the moments at which it changed, and each of those is known only as well as it was read.
//
//   readings   •   •   •|  •   •   •|  •        • same value, | an update lies between two readings
//   knots             ╞═╡          ╞═╡          its time: somewhere in the bracket, never longer than the period
import type { ChannelSeries } from '../channels/channel-series.ts'
import { edgeShare, halfWidth, type Amount, type SensorTiming } from './amount.ts'
import { samplePart } from './gauge-energy.ts'
import { overlaps } from './suspends.ts'

/** A moment at which the counter took a value: published within `t` ± `spread`. */
export interface Knot {
  readonly t: number
  readonly spread: number
  readonly joules: number
}

/** Runs of knots between which the counter is known to have counted on: a NaN, a fall or a suspend ends one. */
export function knotRuns({ t, value }: ChannelSeries, { period, gaps }: SensorTiming): readonly (readonly Knot[])[] {
  const runs: Knot[][] = []
  let run: Knot[] = []
  const end = (): void => {
    if (run.length > 1) runs.push(run)
    run = []
  }
  let lastT = Number.NaN
  let lastValue = Number.NaN
  for (let i = 0; i < t.length; i++) {
    const at = t[i]!
    const joules = value[i]!
    if (at <= lastT) {
      // A clock that steps back, or a second NaN at the same time: the reading is dropped, its NaN is not.
      if (Number.isNaN(joules)) lastValue = Number.NaN
      continue
    }
    const broken = Number.isNaN(joules + lastValue) || joules < lastValue || overlaps(gaps, lastT, at)
    if (broken) {
      end()
      if (!Number.isNaN(joules)) run.push({ t: at - period / 2, spread: period / 2, joules })
    } else if (joules > lastValue) {
      const earliest = Math.max(lastT, at - period)
      // Energy that arrives in lumps (a meter's whole watt-hours) makes the first reading say little: it begins with a change.
      if (run.length === 1 && lastT - run[0]!.t > 2 * period) run = []
      run.push({ t: (earliest + at) / 2, spread: (at - earliest) / 2, joules })
    }
    lastT = at
    lastValue = joules
  }
  end()
  return runs
}

/** `undefined` where no two knots lie around any part of the window. */
export function counterEnergy(
  series: ChannelSeries,
  window: { readonly from: number; readonly to: number },
  timing: SensorTiming,
): Amount | undefined {
  const { from, to } = window
  let joules = 0
  let known = 0
  let variance = 0
  let seen = 0
  let low = 0
  let high = 0
  // Whether one run was certainly counting from before the window until after it: else nothing bounds the energy above.
  let enclosed = false
  let n = 0
  // A counter that adds up power seen only a part of the time is a sum of samples (see gauge-energy.ts).
  const sampled = timing.window > 0 && timing.window < timing.period
  for (const run of knotRuns(series, timing)) {
    for (let i = 0; i < run.length; i++) if (run[i]!.t >= from && run[i]!.t <= to) n++
    for (let i = 1; i < run.length; i++) {
      const a = run[i - 1]!
      const b = run[i]!
      const left = Math.max(a.t, from)
      const right = Math.min(b.t, to)
      if (right <= left) continue
      const step = b.joules - a.joules
      if (sampled && i > 1)
        variance += ((step - (a.joules - run[i - 2]!.joules)) * ((right - left) / (b.t - a.t))) ** 2 / samplePart
      joules += (step * (right - left)) / (b.t - a.t)
      known += right - left
      const surelyIn = a.t - a.spread >= from && b.t + b.spread <= to
      const surelyOut = b.t + b.spread <= from || a.t - a.spread >= to
      if (surelyIn) low += step
      if (!surelyOut) high += step
      for (const x of edgesWithin(run, i, left, right)) {
        const edge = edgeError(stepOf(run, i), (x - a.t) / (b.t - a.t), timing.rhythm)
        variance += edge.variance
        seen += edge.seen
      }
    }
    high += spilled(run, from, to)
    const last = run.at(-1)!
    enclosed ||= run[0]!.t + run[0]!.spread <= from && last.t - last.spread >= to
  }
  if (known <= 0) return undefined
  return {
    joules,
    coverage: Math.min(1, known / (to - from)),
    error: halfWidth(variance, Number.POSITIVE_INFINITY) + seen,
    bounds: [low, enclosed ? high : Number.POSITIVE_INFINITY],
    n,
    belowResolution: n < 2,
  }
}

// Steps that do not reach into the window, but whose ends may have been published within it.
function spilled(run: readonly Knot[], from: number, to: number): number {
  let joules = 0
  for (let i = 1; i < run.length; i++) {
    const a = run[i - 1]!
    const b = run[i]!
    const reaches = Math.min(b.t, to) > Math.max(a.t, from)
    const may = b.t + b.spread > from && a.t - a.spread < to
    if (!reaches && may) joules += b.joules - a.joules
  }
  return joules
}

/** The ends of what is used of step `i`, where they lie inside it or end a run. */
function edgesWithin(run: readonly Knot[], i: number, left: number, right: number): readonly number[] {
  const edges: number[] = []
  if (left > run[i - 1]!.t || i === 1) edges.push(left)
  if (right < run[i]!.t || i === run.length - 1) edges.push(right)
  return edges
}

function stepOf(run: readonly Knot[], i: number): EdgeStep {
  const [a, b] = [run[i - 1]!, run[i]!]
  const watts = (k: number): number | undefined =>
    k < 1 || k >= run.length ? undefined : (run[k]!.joules - run[k - 1]!.joules) / ((run[k]!.t - run[k - 1]!.t) / 1e9)
  return {
    seconds: (b.t - a.t) / 1e9,
    spread: Math.max(a.spread, b.spread) / 1e9,
    power: watts(i)!,
    before: watts(i - 1),
    after: watts(i + 1),
  }
}

/** How much the power within a step may exceed the largest mean of a step seen: a load may be off for a part of each. */
const unseenPeak = 1.3

/** The step an edge lies in, and the mean power of the ones beside it where they are known, W. */
export interface EdgeStep {
  readonly seconds: number
  /** Half-width of the bracket of the step's ends, the larger, s. */
  readonly spread: number
  readonly power: number
  readonly before: number | undefined
  readonly after: number | undefined
}

/**
 * What an edge at fraction `f` of a step may misplace: a variance, J², and what a change that was seen does at most, J.
 * @param rhythm see {@link SensorTiming}
 */
export function edgeError(
  { seconds, spread, power, before, after }: EdgeStep,
  f: number,
  rhythm: number | undefined,
): { readonly variance: number; readonly seen: number } {
  const powers = [before, power, after].filter((watts) => watts !== undefined)
  const peak = Math.max(...powers)
  const swing = peak - Math.min(...powers)
  // When the update came: uniform in its bracket.
  const timing = (peak * 2 * spread) / Math.sqrt(12)
  // Unseen changes within the rhythm of the load, whose repeats, none of quite the same length, add up like a random walk.
  const repeat = rhythm === undefined ? seconds : Math.min(seconds, rhythm / 1e9)
  const share = repeat < seconds ? edgeShare * Math.sqrt(repeat * seconds) : ((f * (1 - f)) / Math.sqrt(3)) * seconds
  // A change that the neighbours show is most often the load's own begin or end, which is the window's edge too: both edges
  // then err the same way, so this is a bound and no variance.
  return { variance: timing ** 2 + (unseenPeak * peak * share) ** 2, seen: f * (1 - f) * swing * seconds }
}
