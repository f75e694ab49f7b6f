// Hot path: `record` allocates nothing. A rolling window of the newest latencies for production code: exact percentiles of
// what happened lately, no dependency, no clock of its own.
import { Jitter } from './jitter.ts'
import { Moments } from './moments.ts'
import { quantiles } from './quantile.ts'

export interface LatencyProfilerOptions {
  /** Newest samples kept. Default 10 000. */
  readonly windowSize?: number
  /** Clock for the time of the maximum, e.g. `Date.now`; without it pass `at` to `record`, or have `max_at` null. */
  readonly now?: () => number
}

export interface RecordOptions {
  /** Samples in the batch; default 1. */
  readonly batch?: number
  /** When it happened, on the caller's clock. */
  readonly at?: number
  /** Stream the latency belongs to (worker, connection); jitter is taken within a stream. */
  readonly stream?: number
}

/** All in ms but `count`, `total` and the distribution; null until there is a sample (jitter, spread, stddev: two). */
export interface LatencyPercentiles {
  /** Samples in the window. */
  readonly count: number
  /** Samples ever recorded. */
  readonly total: number
  readonly p50: number | null
  readonly p90: number | null
  readonly p95: number | null
  readonly p99: number | null
  readonly p99_9: number | null
  readonly max: number | null
  readonly max_at: number | null
  readonly min: number | null
  readonly mean: number | null
  readonly stddev: number | null
  readonly jitter: number | null
  /** p99 − p50. */
  readonly spread: number | null
  readonly batch_sizes: Readonly<Record<string, number>>
}

/**
 * Records latencies in ms and gives the figures of the newest `windowSize` of them.
 * @throws RangeError when `windowSize` is not a whole number of at least 1, or a latency is negative or not finite.
 * @example
 * const profiler = new LatencyProfiler({ windowSize: 10_000 })
 * profiler.record(latencyMs, { batch: 8 })
 * profiler.percentiles().p99
 */
export class LatencyProfiler {
  readonly #latency: Float64Array
  readonly #at: Float64Array
  readonly #batch: Float64Array
  readonly #stream: Float64Array
  readonly #now: (() => number) | undefined
  #total = 0

  constructor(options: LatencyProfilerOptions = {}) {
    const size = options.windowSize ?? 10_000
    if (!Number.isSafeInteger(size) || size < 1)
      throw new RangeError(`windowSize must be a whole number of at least 1, not ${size}`)
    this.#latency = new Float64Array(size)
    this.#at = new Float64Array(size)
    this.#batch = new Float64Array(size)
    this.#stream = new Float64Array(size)
    this.#now = options.now
  }

  record(latencyMs: number, options?: RecordOptions): void {
    if (!(latencyMs >= 0) || latencyMs === Number.POSITIVE_INFINITY)
      throw new RangeError(`a latency must be finite and not negative, not ${latencyMs}`)
    const slot = this.#total % this.#latency.length
    this.#latency[slot] = latencyMs
    this.#at[slot] = options?.at ?? this.#now?.() ?? Number.NaN
    this.#batch[slot] = options?.batch ?? 1
    this.#stream[slot] = options?.stream ?? 0
    this.#total++
  }

  percentiles(): LatencyPercentiles {
    const count = Math.min(this.#total, this.#latency.length)
    const [p50, p90, p95, p99, p99_9] = quantiles(this.#latency.slice(0, count), [0.5, 0.9, 0.95, 0.99, 0.999])
    const moments = new Moments()
    const jitter = new Jitter()
    const batches: Record<string, number> = {}
    let maxSlot = -1
    for (let i = 0; i < count; i++) {
      // Oldest first, so that jitter is taken in the order of recording.
      const slot = (this.#total - count + i) % this.#latency.length
      const latency = this.#latency[slot]!
      moments.add(latency)
      jitter.add(this.#stream[slot]!, latency)
      const size = this.#batch[slot]!
      batches[size] = (batches[size] ?? 0) + 1
      if (maxSlot < 0 || latency > this.#latency[maxSlot]!) maxSlot = slot
    }
    const known = (value: number | undefined): number | null =>
      value === undefined || !Number.isFinite(value) ? null : value
    return {
      count,
      total: this.#total,
      p50: known(p50),
      p90: known(p90),
      p95: known(p95),
      p99: known(p99),
      p99_9: known(p99_9),
      max: count === 0 ? null : moments.max,
      max_at: count === 0 ? null : known(this.#at[maxSlot]),
      min: count === 0 ? null : moments.min,
      mean: count === 0 ? null : moments.mean,
      stddev: count < 2 ? null : moments.stddev,
      jitter: known(jitter.value),
      spread: count < 2 ? null : p99! - p50!,
      batch_sizes: batches,
    }
  }

  reset(): void {
    this.#total = 0
  }
}
