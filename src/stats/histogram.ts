// Hot path (`npm run bench -- recorder`). A log-linear histogram: 256 buckets an octave over 64 octaves, 128 kB. A value
// read back lies within 0.4 % (2⁻⁸) of the one recorded. Merging adds counts and is exact; nothing is ever averaged.
const subBits = 8
const sub = 1 << subBits
const octaves = 64
const size = octaves * sub

// Fields of the state array: doubles kept unboxed and together.
const COUNT = 0
const SUM = 1
const MIN = 2
const MAX = 3
const MAX_AT = 4
const INVALID = 5

const scratch = new Float64Array(1)
const scratchWords = new Uint32Array(scratch.buffer)

/**
 * Counts values from 0 to 2⁶³ in whole units of the caller's choice (nanoseconds for latencies; fractions are cut off).
 * Values that are negative or not numbers are counted in `invalid` and nowhere else.
 * @example const h = new LogLinearHistogram(); h.record(1_250_000, now); h.quantile(0.99)
 */
export class LogLinearHistogram {
  readonly #counts = new Float64Array(size)
  readonly #state = Float64Array.of(0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 0)

  /** @param at the caller's time of the value; kept for the largest one. No clock is read here. */
  record(value: number, at: number = Number.NaN): void {
    const state = this.#state
    let index: number
    if (value >= 1 && value < 2147483648) {
      const whole = value | 0
      const exponent = 31 - Math.clz32(whole)
      // The eight bits after the leading one, whether they lie in the integer or beyond its end.
      index = (exponent << subBits) | (((whole << (31 - exponent)) >>> (31 - subBits)) & (sub - 1))
    } else {
      index = rareIndex(value)
      if (index < 0) {
        state[INVALID]!++
        return
      }
    }
    this.#counts[index]!++
    state[COUNT]!++
    state[SUM]! += value
    if (value < state[MIN]!) state[MIN] = value
    if (value > state[MAX]!) {
      state[MAX] = value
      state[MAX_AT] = at
    }
  }

  get count(): number {
    return this.#state[COUNT]!
  }
  get sum(): number {
    return this.#state[SUM]!
  }
  /** Exact; +Infinity when empty. */
  get min(): number {
    return this.#state[MIN]!
  }
  /** Exact; −Infinity when empty. */
  get max(): number {
    return this.#state[MAX]!
  }
  /** Time given with the largest value. */
  get maxAt(): number {
    return this.#state[MAX_AT]!
  }
  get invalid(): number {
    return this.#state[INVALID]!
  }
  get mean(): number {
    return this.sum / this.count
  }

  /** The middle of the bucket that holds rank ⌈p·n⌉, kept within [min, max]; NaN when empty. */
  quantile(p: number): number {
    const target = Math.max(1, Math.ceil(p * this.count))
    let seen = 0
    for (let index = 0; index < size; index++) {
      seen += this.#counts[index]!
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
    for (let index = indexOf(limit) + 1; index < size; index++) above += this.#counts[index]!
    return above
  }

  /** [upper edge, count] of every bucket that is not empty, ascending. */
  buckets(): (readonly [number, number])[] {
    const found: (readonly [number, number])[] = []
    this.#counts.forEach((count, index) => {
      if (count > 0) found.push([lowerEdge(index + 1), count])
    })
    return found
  }

  /** Adds another histogram's counts to this one. */
  merge(other: LogLinearHistogram): void {
    for (let index = 0; index < size; index++) this.#counts[index]! += other.#counts[index]!
    const mine = this.#state
    const theirs = other.#state
    mine[COUNT]! += theirs[COUNT]!
    mine[SUM]! += theirs[SUM]!
    mine[INVALID]! += theirs[INVALID]!
    mine[MIN] = Math.min(mine[MIN]!, theirs[MIN]!)
    if (theirs[MAX]! > mine[MAX]!) {
      mine[MAX] = theirs[MAX]!
      mine[MAX_AT] = theirs[MAX_AT]!
    }
  }

  reset(): void {
    this.#counts.fill(0)
    this.#state.set([0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 0])
  }
}

// Below 1, from 2³¹ on, negative or not a number.
function rareIndex(value: number): number {
  if (value >= 2147483648) {
    scratch[0] = value
    // Exponent and the first eight bits of the mantissa, as they stand in the double.
    return Math.min(size - 1, (scratchWords[1]! >>> 12) - (1023 << subBits))
  }
  return value >= 0 ? 0 : -1
}

function indexOf(value: number): number {
  scratch[0] = Math.max(1, value)
  return Math.min(size - 1, (scratchWords[1]! >>> 12) - (1023 << subBits))
}

const lowerEdge = (index: number): number =>
  index === 0 ? 0 : 2 ** (index >> subBits) * (1 + (index & (sub - 1)) / sub)
