// The energy of one channel as a curve E(t) that grows with its readings. What it has passed never moves again, whichever
// window is asked and whatever is read later; so windows are differences of one function and add up, however they are cut.
// An interval that nobody knows (a reset, a sensor away) is bridged at the mean power around it, and counted as bridged.
//
//   joules          ___•       • a point: a change of a counter, or a reading of power
//             ···•‾‾             ·· bridged
//      _•‾‾•‾‾                      beyond the last point nothing is final
//      ────────────────── t
import type { Channel } from '../../run/channel.ts'
import { halfWidth, type Amount } from './amount.ts'
import { median } from '../../stats/quantile.ts'
import { CounterPoints } from './counter-points.ts'
import { CurvePoints, type PointSource } from './curve-points.ts'
import { GaugePoints } from './gauge-points.ts'

/** One end of a window on a curve. Differences of two are what lies between. */
export interface CurveEdge {
  /** ns. */
  readonly t: number
  /** J since the first point. */
  readonly joules: number
  /** J of it that were bridged, and the ns they lie in. */
  readonly bridged: number
  readonly dark: number
  /** J² of all before: sampling; of this edge alone: where in its step it lies. */
  readonly variance: number
  readonly edgeVariance: number
  /** What a change that the neighbouring steps show misplaces at most, J. */
  readonly seen: number
  /** Points before it. */
  readonly n: number
  /** Whether no later reading will move it. */
  readonly final: boolean
}

/** Points kept: moments further back than these are not asked for. */
const kept = 1024
/** A curve that has not grown for longer, and for three of its steps, tells nothing of now, ns. */
const longestStill = 2e9

export class EnergyCurve {
  readonly channel: Channel
  readonly #points: CurvePoints
  readonly #source: PointSource
  #first = Number.NaN
  #rise = 0
  #spacing = Number.POSITIVE_INFINITY
  #spacedAt = 0

  /** @param poll ns between readings, until they are seen */
  constructor(channel: Channel, poll: number) {
    this.channel = channel
    this.#points = new CurvePoints(kept)
    const source = channel.quantity === 'energy' ? CounterPoints : GaugePoints
    this.#source = new source(channel, this.#points, poll)
  }

  get bytes(): number {
    return this.#points.bytes
  }
  /** Moments up to this are final, ns; −∞ while there is no step. */
  get final(): number {
    return this.#points.written < 2 ? Number.NEGATIVE_INFINITY : this.#points.t(this.#points.written - 1)
  }
  /** ns between the latest points, the median of up to sixteen steps; ∞ while there is none. */
  get spacing(): number {
    const { written, oldest } = this.#points
    if (this.#spacedAt === written) return this.#spacing
    const steps: number[] = []
    for (let i = Math.max(oldest + 1, written - 16); i < written; i++)
      steps.push(this.#points.t(i) - this.#points.t(i - 1))
    this.#spacedAt = written
    this.#spacing = steps.length === 0 ? Number.POSITIVE_INFINITY : median(steps)
    return this.#spacing
  }
  get period(): number {
    return this.#source.period
  }
  /** What a counter rose by since its first reading, J: what mirrors of one counter have in common. */
  get rise(): number {
    return this.#rise
  }

  add(t: number, value: number): void {
    if (Number.isFinite(value)) {
      if (Number.isNaN(this.#first)) this.#first = value
      this.#rise = value - this.#first
    }
    this.#source.add(t, value)
  }

  /** `undefined` while there is no step, and for a moment further back than what is kept. */
  edge(at: number): CurveEdge | undefined {
    const points = this.#points
    const last = points.written - 1
    if (last < 1) return undefined
    const i = Math.min(last, Math.max(1, points.after(at)))
    if (i <= points.oldest) return undefined
    const a = points.t(i - 1)
    const b = points.t(i)
    const f = (at - a) / (b - a)
    const outside = at > b || at < a
    // Beyond the ends the power of the nearest step goes on, and counts as bridged.
    const beyond = at > b ? at - b : at < a ? at - a : 0
    const within = Math.min(1, Math.max(0, f))
    const more = (beyond / 1e9) * points.meanWatts(i)
    const error = outside || points.bridges(i) ? { variance: 0, seen: 0 } : this.#source.edgeError(i, f)
    return {
      t: at,
      joules: points.joulesAt(i, within) + more,
      bridged: points.bridgedAt(i, within) + more,
      dark: points.darkAt(i, within) + beyond,
      variance: points.varianceAt(i, within),
      edgeVariance: error.variance,
      seen: error.seen,
      n: at >= b ? i + 1 : at >= a ? i : 0,
      final: at <= b && i > 0,
    }
  }

  /**
   * J that a second costs now: the mean over the last second that is final, or over the last step where that is longer.
   * `undefined` while there is no step, and when the curve has stood still for too long to tell.
   */
  lastSecond(now: number): Amount | undefined {
    const to = this.final
    const { spacing } = this
    if (!(to > now - Math.max(longestStill, 3 * spacing))) return undefined
    const points = this.#points
    const from = Math.max(to - Math.max(1e9, spacing), points.t(points.oldest))
    const [a, b] = [this.edge(from), this.edge(to)]
    const amount = a && b && this.between(a, b)
    if (!amount) return undefined
    const share = 1e9 / (to - from)
    const { joules, error, bridged = 0 } = amount
    return { ...amount, joules: joules * share, error: error * share, bridged: bridged * share }
  }

  /** Energy between two edges of this curve; `undefined` where nothing of it was measured. */
  between(from: CurveEdge, to: CurveEdge): Amount | undefined {
    const span = to.t - from.t
    const coverage = 1 - (to.dark - from.dark) / span
    if (!(span > 0) || coverage <= 1e-9) return undefined
    const n = Math.max(0, to.n - from.n)
    const variance = to.variance - from.variance + from.edgeVariance + to.edgeVariance
    return {
      joules: to.joules - from.joules,
      bridged: Math.max(0, to.bridged - from.bridged),
      coverage: Math.min(1, coverage),
      error:
        halfWidth(variance, this.channel.quantity === 'energy' ? Number.POSITIVE_INFINITY : n) + from.seen + to.seen,
      bounds: [0, Number.POSITIVE_INFINITY],
      n,
      belowResolution: false,
    }
  }
}
