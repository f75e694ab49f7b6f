// A power reading's values as points of an energy curve: trapezoids between them (see gauge-energy.ts), one by one.
import type { Channel } from '../../run/channel.ts'
import { edgeShare } from './amount.ts'
import type { CurvePoints, PointSource } from './curve-points.ts'
import { samplePart } from './gauge-energy.ts'
import { SeenPeriod } from './seen-period.ts'

export class GaugePoints implements PointSource {
  readonly #channel: Channel
  readonly #points: CurvePoints
  readonly #seen: SeenPeriod
  /** ns between readings as they were planned: a burst of faster ones does not make them gaps. */
  readonly #planned: number
  /** ns over which a reading averages, and how far it is moved back to the middle of that. */
  readonly #window: number
  readonly #shift: number
  #lastT = Number.NaN
  /** Whether the sensor marked what came since the last reading as nobody's. */
  #unknown = false

  constructor(channel: Channel, points: CurvePoints, poll: number) {
    this.#channel = channel
    this.#points = points
    this.#seen = new SeenPeriod(poll)
    this.#planned = poll
    this.#window = (channel.window_ms ?? 0) * 1e6
    this.#shift = channel.kind === 'average' ? this.#window / 2 : 0
  }

  get period(): number {
    const { period_ms } = this.#channel
    const declared = period_ms === undefined ? undefined : period_ms * 1e6
    const { period, poll } = this.#seen
    // A quiet gauge seems slower than it is.
    if (period === undefined || (declared !== undefined && declared < period)) return declared ?? poll
    return period
  }

  add(at: number, watts: number): void {
    if (Number.isNaN(watts)) this.#unknown = true
    if (!(watts >= 0) || !Number.isFinite(watts) || at <= this.#lastT) return
    this.#seen.add(at, watts)
    const points = this.#points
    const t = at - this.#shift
    const last = points.written - 1
    if (last < 0) points.add({ t, spread: 0, watts, joules: 0, variance: 0, bridges: false })
    else {
      const before = points.watts(last)
      const ns = t - points.t(last)
      const span = Math.max(this.period, this.#seen.poll)
      const bridges = this.#unknown || ns > 5 * Math.max(span, this.#planned)
      const part = this.#window >= span ? 12 : samplePart
      const variance = bridges ? 0 : (((watts - before) * Math.max(ns, span)) / 1e9) ** 2 / part
      points.add({ t, spread: 0, watts, joules: (((before + watts) / 2) * ns) / 1e9, variance, bridges })
    }
    this.#lastT = at
    this.#unknown = false
  }

  edgeError(i: number, f: number): { readonly variance: number; readonly seen: number } {
    const points = this.#points
    const { period } = this
    const { poll } = this.#seen
    const x = points.t(i - 1) + f * (points.t(i) - points.t(i - 1))
    const resolution = Math.max(period, this.#window, poll)
    const reach = resolution + poll + this.#window
    let peak = 0
    let least = Number.POSITIVE_INFINITY
    const take = (k: number): void => {
      peak = Math.max(peak, points.watts(k))
      least = Math.min(least, points.watts(k))
    }
    for (let k = i - 1; k >= points.oldest && (k === i - 1 || points.t(k) >= x - reach); k--) take(k)
    for (let k = i; k < points.written && (k === i || points.t(k) <= x + reach); k++) take(k)
    const swing = peak - least
    const averaged = this.#shift > 0
    const lag = (period + poll / 2 + (averaged ? 0 : this.#window / 2)) / 1e9
    const variance = ((edgeShare * peak * resolution) / 1e9) ** 2 + ((swing * lag) / 1.96) ** 2
    // A change at the edge is drawn out by an average over half of its window to either side; an eighth of it lies beyond.
    return { variance, seen: averaged ? (swing * this.#window) / 8e9 : 0 }
  }
}
