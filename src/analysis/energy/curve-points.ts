// The points of an energy curve in memory of a fixed size. Sums are kept since the first point, so that a difference of two
// is what lies between them however much was dropped meanwhile. Hot path: no allocation for a point.

/** What a reading does to a curve, and how sure a moment on it is. */
export interface PointSource {
  add(t: number, value: number): void
  /** Sets apart what the edge at fraction `f` of the step that ends with point `i` may misplace. */
  edgeError(i: number, f: number): { readonly variance: number; readonly seen: number }
  /** ns between updates, as far as it is known. */
  readonly period: number
}

/** Nine numbers of 8 bytes. */
const bytesPerPoint = 72

export class CurvePoints {
  readonly #capacity: number
  readonly #t: Float64Array
  readonly #spread: Float64Array
  readonly #watts: Float64Array
  readonly #joules: Float64Array
  readonly #variance: Float64Array
  readonly #bridged: Float64Array
  readonly #dark: Float64Array
  readonly #step: Float64Array
  /** Whether the step that ends here is bridged. */
  readonly #bridges: Float64Array
  #written = 0

  constructor(capacity: number) {
    this.#capacity = capacity
    const column = (): Float64Array => new Float64Array(capacity)
    this.#t = column()
    this.#spread = column()
    this.#watts = column()
    this.#joules = column()
    this.#variance = column()
    this.#bridged = column()
    this.#dark = column()
    this.#step = column()
    this.#bridges = column()
  }

  get bytes(): number {
    return this.#capacity * bytesPerPoint
  }
  /** Points since the start; it only grows. */
  get written(): number {
    return this.#written
  }
  /** Number of the oldest point that is still there. */
  get oldest(): number {
    return Math.max(0, this.#written - this.#capacity)
  }

  /** `watts`: the reading, of a gauge. `joules`, `variance`: of the step since the point before. */
  add(point: {
    readonly t: number
    readonly spread: number
    readonly watts: number
    readonly joules: number
    readonly variance: number
    readonly bridges: boolean
  }): void {
    const last = this.#at(this.#written - 1)
    const at = this.#at(this.#written)
    const first = this.#written === 0
    const before = (column: Float64Array): number => (first ? 0 : column[last]!)
    const dark = point.bridges && !first ? point.t - this.#t[last]! : 0
    this.#joules[at] = before(this.#joules) + point.joules
    this.#variance[at] = before(this.#variance) + point.variance
    this.#bridged[at] = before(this.#bridged) + (point.bridges ? point.joules : 0)
    this.#dark[at] = before(this.#dark) + dark
    this.#t[at] = point.t
    this.#spread[at] = point.spread
    this.#watts[at] = point.watts
    this.#step[at] = point.joules
    this.#bridges[at] = Number(point.bridges)
    this.#written++
  }

  #at(i: number): number {
    return ((i % this.#capacity) + this.#capacity) % this.#capacity
  }

  t(i: number): number {
    return this.#t[this.#at(i)]!
  }
  spread(i: number): number {
    return this.#spread[this.#at(i)]!
  }
  watts(i: number): number {
    return this.#watts[this.#at(i)]!
  }
  bridges(i: number): boolean {
    return this.#bridges[this.#at(i)] === 1
  }
  /** J of the step that ends with point `i`. */
  step(i: number): number {
    return this.#step[this.#at(i)]!
  }
  meanWatts(i: number): number {
    return this.step(i) / ((this.t(i) - this.t(i - 1)) / 1e9)
  }

  /** Number of the first point later than `at`; `written` when there is none. */
  after(at: number): number {
    let low = this.oldest
    let high = this.#written
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.t(middle) > at) high = middle
      else low = middle + 1
    }
    return low
  }

  // At fraction `f` of the step that ends with point `i`. Power goes from one reading to the next in a straight line; where
  // there are none (a counter), it is the same throughout.
  joulesAt(i: number, f: number): number {
    const a = this.watts(i - 1)
    const b = this.watts(i)
    const share = Number.isNaN(a + b) || a + b === 0 ? f : (f * (2 * a + f * (b - a))) / (a + b)
    return this.#joules[this.#at(i - 1)]! + share * this.step(i)
  }
  bridgedAt(i: number, f: number): number {
    const a = this.#bridged[this.#at(i - 1)]!
    return this.bridges(i) ? a + this.joulesAt(i, f) - this.joulesAt(i, 0) : a
  }
  darkAt(i: number, f: number): number {
    const a = this.#dark[this.#at(i - 1)]!
    return a + f * (this.#dark[this.#at(i)]! - a)
  }
  varianceAt(i: number, f: number): number {
    const a = this.#variance[this.#at(i - 1)]!
    return a + f * f * (this.#variance[this.#at(i)]! - a)
  }
}
