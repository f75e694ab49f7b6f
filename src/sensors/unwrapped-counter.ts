// Counters that only rise, over what happens to them: wraps, resets, refused readings, a 0 shown by mistake, gaps too long
// for their width. Where nobody knows what was counted nothing is made up. Knows neither units nor files.
// Two kinds of counters are not this one: counts that the kernel scales (perf-event/scaled-counts: a count and two times are
// one reading), and DRM clients (drm/fdinfo), whose value may fall for a while and is waited for.

/**
 * `reset`: it began anew. `lost`: so long without a reading that it may have wrapped unseen. `implausible`: the reading
 * itself is refused, and the next one is compared with the last good one.
 */
export type CounterStep = 'first' | 'ok' | 'reset' | 'lost' | 'implausible'

export interface Width {
  /** How many values it has before it is at 0 again, 2³² of 32 bits. Left out: it does not wrap. */
  readonly period?: number | undefined
  /**
   * A fall of more than this is a wrap, any other a reset; half the period when left out, because few readings are so far
   * apart. 0 for a counter that is never reset.
   */
  readonly leastWrap?: number | undefined
}

export interface CounterLimits extends Width {
  /** s; after a longer time without a reading it may have wrapped more than once. */
  readonly longestGap?: number | undefined
  /** Most it can rise: `atOnce`, because readings may be closer than its own steps, and `perSecond` since the last one. */
  readonly most?: { readonly perSecond: number; readonly atOnce: number } | undefined
  /** The total at the first reading: 0, or what it shows. */
  readonly start?: 'zero' | 'shown' | undefined
}

interface Reading {
  readonly raw: number
  readonly at: number
}

/**
 * Unwraps a counter.
 *
 * ```
 *  const counter = new Counter({ period: 2 ** 32 })
 *  counter.update(4_294_967_290, 0) // first
 *  counter.update(4, 1e9)           // ok, over a wrap
 *  counter.total                    // 10
 * ```
 */
export class Counter {
  readonly #limits: CounterLimits
  /** Total less reading: moves when the counter wraps or begins anew. */
  #offset = 0
  #last: Reading | undefined
  #refused: Reading | undefined
  /** Where it was when it fell to 0. */
  #beforeZero: Reading | undefined
  #another = false

  constructor(limits: CounterLimits = {}) {
    this.#limits = limits
  }

  /** What was counted, without the intervals that are unknown. */
  get total(): number {
    return this.#offset + (this.#last?.raw ?? 0)
  }

  /** The next reading is of another counter: what it shows is no rise of this one. */
  restart(): void {
    this.#another = this.#last !== undefined
  }

  /** @param raw in the counter's own unit, a whole one where there is a period @param at ns */
  update(raw: number, at: number): CounterStep {
    const { period, longestGap = Number.POSITIVE_INFINITY, start = 'zero' } = this.#limits
    // What no counter of this width can show is no reading.
    if (period !== undefined && (raw < 0 || raw >= period)) return 'implausible'
    const last = this.#last
    if (last === undefined) {
      if (start === 'zero') this.#offset = -raw
      return this.#keep({ raw, at }, 'first')
    }
    const now = { raw, at }
    if (this.#another) return this.#begin(last, now, 'reset')
    if (secondsBetween(last, now) >= longestGap) return this.#begin(last, now, 'lost')
    // Above what it was before it fell to 0: the 0 was no reading, and the rise from it is none.
    if (this.#beforeZero && raw >= this.#beforeZero.raw && this.#follows(this.#beforeZero, now))
      return this.#begin(last, now, 'reset')
    // Two readings in a row that agree with each other, and not with the past, are the counter's new course: even where
    // time has meanwhile made a wrap from the last good one just possible, for nothing is made up.
    if (this.#refused && this.#follows(this.#refused, now)) return this.#begin(last, now, 'reset')
    if (rise(last.raw, raw, this.#limits) === undefined) {
      const before = raw === 0 ? last : undefined
      this.#begin(last, now, 'reset')
      this.#beforeZero = before
      return 'reset'
    }
    if (this.#follows(last, now)) {
      if (raw < last.raw) this.#offset += period!
      return this.#keep(now, 'ok')
    }
    // A clock that went backwards says nothing against the counter.
    if (at > last.at) this.#refused = now
    return 'implausible'
  }

  /** The total stays as it was. */
  #begin(last: Reading, now: Reading, step: CounterStep): CounterStep {
    this.#offset += last.raw - now.raw
    return this.#keep(now, step)
  }

  #keep(now: Reading, step: CounterStep): CounterStep {
    this.#last = now
    this.#refused = undefined
    this.#another = false
    if (step !== 'ok' || now.raw !== 0) this.#beforeZero = undefined
    return step
  }

  /** Whether `now` can be what a counter that was at `from` shows. */
  #follows(from: Reading, now: Reading): boolean {
    const step = rise(from.raw, now.raw, this.#limits)
    const { most } = this.#limits
    if (step === undefined || !most) return step !== undefined
    return step <= most.perSecond * secondsBetween(from, now) + most.atOnce
  }
}

/** What came from one value to the other over at most one wrap; undefined for a fall that is none. */
export function rise(from: number, to: number, { period, leastWrap }: Width = {}): number | undefined {
  if (to >= from) return to - from
  if (period === undefined || from - to <= (leastWrap ?? period / 2)) return undefined
  return to - from + period
}

/**
 * Takes a reading and puts the total, with NaN before it where the interval is unknown; what has no counter is put as it is.
 * False, and nothing put, when the reading is refused.
 */
export function putTotal(
  counter: Counter | undefined,
  raw: number,
  at: number,
  put: (t: number, total: number) => void,
): boolean {
  const step = counter?.update(raw, at)
  if (step === 'implausible') return false
  if (step === 'reset' || step === 'lost') put(at - 1, Number.NaN)
  put(at, counter?.total ?? raw)
  return true
}

const secondsBetween = (from: Reading, to: Reading): number => Math.max(0, (to.at - from.at) / 1e9)
