// An energy counter's readings as points of its curve: the moments at which it changed (see counter-energy.ts), one by one.
import type { Channel } from '../../run/channel.ts'
import { edgeError } from './counter-energy.ts'
import type { CurvePoints, PointSource } from './curve-points.ts'
import { samplePart } from './gauge-energy.ts'
import { SeenPeriod } from './seen-period.ts'

export class CounterPoints implements PointSource {
  readonly #channel: Channel
  readonly #points: CurvePoints
  readonly #seen: SeenPeriod
  #lastT = Number.NaN
  #lastValue = Number.NaN
  /** Where counting began anew; it becomes a point when the counter has changed once more. */
  #start: { readonly t: number; readonly spread: number; readonly joules: number } | undefined
  #lastJoules = Number.NaN

  constructor(channel: Channel, points: CurvePoints, poll: number) {
    this.#channel = channel
    this.#points = points
    this.#seen = new SeenPeriod(poll)
  }

  get period(): number {
    return (
      this.#seen.period ?? (this.#channel.period_ms === undefined ? this.#seen.poll : this.#channel.period_ms * 1e6)
    )
  }

  add(at: number, joules: number): void {
    if (at <= this.#lastT) {
      if (Number.isNaN(joules)) this.#lastValue = Number.NaN
      return
    }
    this.#seen.add(at, joules)
    const { period } = this
    if (Number.isNaN(joules + this.#lastValue) || joules < this.#lastValue) {
      this.#lastJoules = Number.NaN
      this.#start = Number.isNaN(joules) ? undefined : { t: at - period / 2, spread: period / 2, joules }
    } else if (joules > this.#lastValue) {
      const earliest = Math.max(this.#lastT, at - period)
      this.#change((earliest + at) / 2, (at - earliest) / 2, joules)
    }
    this.#lastT = at
    this.#lastValue = joules
  }

  #change(t: number, spread: number, joules: number): void {
    const start = this.#start
    if (start) {
      // Energy that arrives in lumps makes the first reading say little: it begins with a change.
      if (this.#lastT - start.t > 2 * this.period) {
        this.#start = { t, spread, joules }
        return
      }
      this.#start = undefined
      this.#begin(start, (joules - start.joules) / ((t - start.t) / 1e9))
      this.#lastJoules = start.joules
    }
    this.#step(t, spread, joules - this.#lastJoules)
    this.#lastJoules = joules
  }

  // From the point before the interval that nobody knows, at the mean power of the steps on either side.
  #begin({ t, spread }: { readonly t: number; readonly spread: number }, watts: number): void {
    const points = this.#points
    const last = points.written - 1
    if (last < 0) {
      points.add({ t, spread, watts: Number.NaN, joules: 0, variance: 0, bridges: false })
      return
    }
    const from = points.t(last)
    const before = last > points.oldest ? points.meanWatts(last) : watts
    const joules = (((before + watts) / 2) * Math.max(0, t - from)) / 1e9
    points.add({ t: Math.max(t, from + 1), spread, watts: Number.NaN, joules, variance: 0, bridges: true })
  }

  #step(t: number, spread: number, joules: number): void {
    const points = this.#points
    const last = points.written - 1
    const { window_ms } = this.#channel
    const sampled = window_ms !== undefined && window_ms > 0 && window_ms * 1e6 < this.period
    const before = last > points.oldest && !points.bridges(last) ? points.step(last) : joules
    const variance = sampled ? (joules - before) ** 2 / samplePart : 0
    points.add({ t: Math.max(t, points.t(last) + 1), spread, watts: Number.NaN, joules, variance, bridges: false })
  }

  edgeError(i: number, f: number): { readonly variance: number; readonly seen: number } {
    const points = this.#points
    const known = (k: number): boolean => k > points.oldest && k < points.written && !points.bridges(k)
    const step = {
      seconds: (points.t(i) - points.t(i - 1)) / 1e9,
      spread: Math.max(points.spread(i - 1), points.spread(i)) / 1e9,
      power: points.meanWatts(i),
      before: known(i - 1) ? points.meanWatts(i - 1) : undefined,
      after: known(i + 1) ? points.meanWatts(i + 1) : undefined,
    }
    const error = edgeError(step, f, undefined)
    // The step after the edge is not read yet. A change at the very edge shows in this one by its share of it only.
    const later = step.after === undefined && step.before !== undefined
    return later ? { ...error, seen: f * Math.abs(step.power - step.before!) * step.seconds } : error
  }
}
