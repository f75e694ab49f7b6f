// Hot path (`npm run bench -- recorder`). A log-linear histogram: 256 buckets an octave over 64 octaves, 128 kB. A value
// read back lies within 0.4 % (2⁻⁸) of the one recorded. Merging adds counts and is exact; nothing is ever averaged.
const subBits = 8
const sub = 1 << subBits
const octaves = 64
const size = octaves * sub

// One array holds everything, so that a record looks up one object: the buckets, then lanes of the sum, then the ends. The
// count is not kept: it is the sum of the buckets.
const SUMS = size
const lanes = 8
const MIN = SUMS + lanes
const MAX = MIN + 1
const MAX_AT = MAX + 1
const INVALID = MAX_AT + 1
const cellCount = INVALID + 1

const scratch = new Float64Array(1)
const scratchWords = new Uint32Array(scratch.buffer)

/**
 * Counts values from 0 to 2⁶³ in whole units of the caller's choice (nanoseconds for latencies; fractions are cut off).
 * Values that are negative or not numbers are counted in `invalid` and nowhere else.
 * @example const h = new LogLinearHistogram(); h.record(1_250_000, now); h.quantile(0.99)
 */
export class LogLinearHistogram {
  readonly #cells = new Float64Array(cellCount)

  constructor() {
    this.reset()
  }

  /** @param at the caller's time of the value; kept for the largest one. No clock is read here. */
  record(value: number, at: number = Number.NaN): void {
    const cells = this.#cells
    if (value >= cells[MIN]! && value <= cells[MAX]! && value < 2147483648 && value >= 1) {
      const whole = value | 0
      const zeros = Math.clz32(whole)
      // The eight bits after the leading one, whether they lie in the integer or beyond its end.
      const index = ((31 - zeros) << subBits) | (((whole << zeros) << 1) >>> (32 - subBits))
      cells[index]!++
      // Adding to one and the same cell would wait for the addition before it.
      cells[SUMS + (index & (lanes - 1))]! += value
    } else this.#recordRare(value, at)
  }

  /** A value beyond those seen so far, or outside what fits 31 bits. */
  #recordRare(value: number, at: number): void {
    const cells = this.#cells
    if (!(value >= 0)) {
      cells[INVALID]!++
      return
    }
    const index = indexOf(value)
    cells[index]!++
    cells[SUMS + (index & (lanes - 1))]! += value
    if (value < cells[MIN]!) cells[MIN] = value
    if (value > cells[MAX]!) {
      cells[MAX] = value
      cells[MAX_AT] = at
    }
  }

  /** Adds up the buckets: not for hot loops. */
  get count(): number {
    let count = 0
    for (let index = 0; index < size; index++) count += this.#cells[index]!
    return count
  }
  get empty(): boolean {
    return this.max < 0
  }
  get sum(): number {
    let sum = 0
    for (let lane = 0; lane < lanes; lane++) sum += this.#cells[SUMS + lane]!
    return sum
  }
  /** Exact; +Infinity when empty. */
  get min(): number {
    return this.#cells[MIN]!
  }
  /** Exact; −Infinity when empty. */
  get max(): number {
    return this.#cells[MAX]!
  }
  /** Time given with the largest value. */
  get maxAt(): number {
    return this.#cells[MAX_AT]!
  }
  get invalid(): number {
    return this.#cells[INVALID]!
  }
  get mean(): number {
    return this.sum / this.count
  }

  /** The middle of the bucket that holds rank ⌈p·n⌉, kept within [min, max]; NaN when empty. */
  quantile(p: number): number {
    const target = Math.max(1, Math.ceil(p * this.count))
    let seen = 0
    for (let index = 0; index < size; index++) {
      seen += this.#cells[index]!
      if (seen >= target) {
        const middle = (lowerEdge(index) + lowerEdge(index + 1)) / 2
        return Math.min(this.max, Math.max(this.min, middle))
      }
    }
    return Number.NaN
  }

  /** How many recorded values lie above `limit`, by whole buckets: the bucket of the limit itself is not counted. */
  countAbove(limit: number): number {
    let above = 0
    for (let index = indexOf(limit) + 1; index < size; index++) above += this.#cells[index]!
    return above
  }

  /** [upper edge, count] of every bucket that is not empty, ascending. */
  buckets(): (readonly [number, number])[] {
    const found: (readonly [number, number])[] = []
    for (let index = 0; index < size; index++) {
      const count = this.#cells[index]!
      if (count > 0) found.push([lowerEdge(index + 1), count])
    }
    return found
  }

  /** Adds another histogram's counts to this one. */
  merge(other: LogLinearHistogram): void {
    const mine = this.#cells
    const theirs = other.#cells
    for (let cell = 0; cell < MIN; cell++) mine[cell]! += theirs[cell]!
    mine[INVALID]! += theirs[INVALID]!
    mine[MIN] = Math.min(mine[MIN]!, theirs[MIN]!)
    if (theirs[MAX]! > mine[MAX]!) {
      mine[MAX] = theirs[MAX]!
      mine[MAX_AT] = theirs[MAX_AT]!
    }
  }

  reset(): void {
    this.#cells.fill(0)
    this.#cells[MIN] = Number.POSITIVE_INFINITY
    this.#cells[MAX] = Number.NEGATIVE_INFINITY
    this.#cells[MAX_AT] = Number.NaN
  }
}

// Exponent and the first eight bits of the mantissa, as they stand in the double.
function indexOf(value: number): number {
  scratch[0] = Math.max(1, Math.floor(value))
  return Math.min(size - 1, (scratchWords[1]! >>> 12) - (1023 << subBits))
}

const lowerEdge = (index: number): number =>
  index === 0 ? 0 : 2 ** (index >> subBits) * (1 + (index & (sub - 1)) / sub)
