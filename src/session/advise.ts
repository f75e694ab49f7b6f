// `--advise`: tries other settings of the engine against the run's own, in short interleaved bursts (A B B A), so that
// drifts of the host meet both. The run's own setting and the one tried each have a load host that stays up; while one
// works the other is paused.
import { setTimeout as delay } from 'node:timers/promises'
import { describeError, fromErrorRecord, toErrorRecord } from '../base/errors.ts'
import { studentQuantile } from '../stats/student.ts'
import { quantile, quantiles } from '../stats/quantile.ts'
import type { LoadSpec } from '../load/pacer.ts'
import type { AdviceResult, TargetFacts } from '../run/manifest.ts'
import type { TargetSpec } from '../targets/target.ts'
import { endHost } from './load/cold-start.ts'
import { startLoadHost, type LoadHost } from './load/load-host.ts'

export interface AdviseOptions {
  readonly target: TargetSpec
  readonly targetFacts: TargetFacts
  readonly load: LoadSpec
  readonly cpus: number
  readonly signal?: AbortSignal
  readonly onProgress: (message: string) => void
}

interface Setting {
  readonly flag: string
  readonly options: Readonly<Record<string, unknown>>
}

/** Pairs of bursts for each setting. */
const pairs = 8
/** A burst is long enough for this many requests, within bounds. */
const burstRequests = 70
const leastBurstMs = 250
const longestBurstMs = 4000
/** The first part of a burst warms caches up, and the other host may still finish its last request. */
const settleShare = 0.2
/** A percentile is known by a burst in which so many requests lie above it. */
const leastAbove = 5
/** The drain's period and more: until then the last rows of a burst may be on their way. */
const rowsArriveMs = 300

const percentiles = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const
type Percentile = keyof typeof percentiles

/** Other settings worth a try for this target and host. */
export function settingsToTry(target: TargetSpec, facts: TargetFacts, cpus: number): readonly Setting[] {
  if (target.kind !== 'onnx') return []
  const { options } = target
  const threads = typeof options['threads'] === 'number' ? options['threads'] : undefined
  const counts = [...new Set([1, 2, Math.ceil(cpus / 2), cpus])].filter(
    (n) => n <= cpus && n !== threads && n * facts.instances <= cpus,
  )
  const settings: Setting[] = counts.map((n) => ({ flag: `--threads ${n}`, options: { threads: n } }))
  if (options['spinning'] !== false && threads !== 1)
    settings.push({ flag: '--no-spinning', options: { spinning: false } })
  const opt = options['opt'] ?? 'all'
  for (const level of ['extended', 'basic'] as const)
    if (opt !== level) settings.push({ flag: `--opt ${level}`, options: { opt: level } })
  return settings
}

export async function advise(options: AdviseOptions): Promise<readonly AdviceResult[]> {
  const settings = settingsToTry(options.target, options.targetFacts, options.cpus)
  if (settings.length === 0) return []
  const results: AdviceResult[] = []
  const own = await BurstHost.start(options, options.target)
  try {
    const ownMs = await own.neededMs()
    for (const [index, setting] of settings.entries()) {
      if (options.signal?.aborted) break
      options.onProgress(`${setting.flag} (${index + 1} of ${settings.length})`)
      results.push(...(await trySetting(options, own, ownMs, setting)))
    }
  } finally {
    await own.end()
  }
  return results
}

async function trySetting(
  options: AdviseOptions,
  own: BurstHost,
  ownMs: number,
  setting: Setting,
): Promise<readonly AdviceResult[]> {
  const spec: TargetSpec = { ...options.target, options: { ...options.target.options, ...setting.options } }
  const failed = (error: unknown): readonly AdviceResult[] => {
    const failure = describeError(fromErrorRecord(toErrorRecord(error))).title
    return [{ flag: setting.flag, metric: 'p50', change: null, low: null, high: null, n: 0, failure }]
  }
  let other: BurstHost
  try {
    other = await BurstHost.start(options, spec)
  } catch (error) {
    return failed(error)
  }
  const windows: (readonly [Window, Window])[] = []
  try {
    const burstMs = Math.max(ownMs, await other.neededMs())
    for (let pair = 0; pair < pairs && !options.signal?.aborted; pair++) {
      // A B, then B A: a drift that goes on through both adds to one pair what it takes from the next.
      const ownFirst = pair % 2 === 0
      const a = await (ownFirst ? own : other).burst(burstMs)
      const b = await (ownFirst ? other : own).burst(burstMs)
      windows.push(ownFirst ? [a, b] : [b, a])
    }
    await delay(rowsArriveMs)
    const service = windows.map(([mine, theirs]) => [own.take(mine), other.take(theirs)] as const)
    return changes(setting.flag, service)
  } catch (error) {
    return failed(error)
  } finally {
    own.forget()
    await other.end()
  }
}

/**
 * The median's change, and that of the highest percentile that every burst knows.
 * @param bursts service times of each pair, ns: the run's own setting and the one tried
 */
export function changes(flag: string, bursts: readonly (readonly [Float64Array, Float64Array])[]): AdviceResult[] {
  const least = bursts.reduce((n, pair) => Math.min(n, pair[0].length, pair[1].length), Number.POSITIVE_INFINITY)
  const known = (Object.keys(percentiles) as Percentile[]).filter((p) => least * (1 - percentiles[p]) >= leastAbove)
  if (known.length === 0) known.push('p50')
  const told: readonly Percentile[] = known.length === 1 ? known : [known[0]!, known.at(-1)!]
  return told.map((metric) => {
    const logRatios = bursts.flatMap(([own, tried]) => {
      if (own.length === 0 || tried.length === 0) return []
      const [[a], [b]] = [quantiles(own, [percentiles[metric]]), quantiles(tried, [percentiles[metric]])]
      return [Math.log(b! / a!)]
    })
    return { flag, metric, ...meanChange(logRatios), n: logRatios.length }
  })
}

/** Mean ratio as a relative change, with Student's interval over the pairs. */
export function meanChange(logRatios: readonly number[]): {
  change: number | null
  low: number | null
  high: number | null
} {
  const n = logRatios.length
  if (n < 3) return { change: null, low: null, high: null }
  const mean = logRatios.reduce((sum, value) => sum + value, 0) / n
  const variance = logRatios.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1)
  const half = studentQuantile(0.975, n - 1) * Math.sqrt(variance / n)
  return { change: Math.expm1(mean), low: Math.expm1(mean - half), high: Math.expm1(mean + half) }
}

interface Window {
  readonly from: number
  readonly to: number
}

/** A load host that works in bursts and is paused in between. */
class BurstHost {
  readonly #host: LoadHost
  readonly #now: () => number
  #rows: { readonly started: number; readonly done: number }[]
  readonly #stopListening: () => void

  private constructor(
    host: LoadHost,
    now: () => number,
    rows: { readonly started: number; readonly done: number }[],
    stopListening: () => void,
  ) {
    this.#host = host
    this.#now = now
    this.#rows = rows
    this.#stopListening = stopListening
  }

  /** Comes up paused, its first inference done. @throws what the target fails with. */
  static async start(options: AdviseOptions, target: TargetSpec): Promise<BurstHost> {
    const { instances, batch } = options.targetFacts
    const epoch = process.hrtime.bigint()
    const rows: { readonly started: number; readonly done: number }[] = []
    const host = startLoadHost({
      target,
      load: { mode: 'closed', concurrency: instances, seed: options.load.seed, pacing: 'sleep' },
      instances,
      batch,
      epoch,
      flow: options.targetFacts.flow,
      onRequests: (chunk) => {
        for (let i = 0; i < chunk.length; i++)
          if (chunk.status[i] === 0) rows.push({ started: chunk.started[i]!, done: chunk.done[i]! })
      },
      onEvent: () => undefined,
    })
    const abort = (): void => host.kill()
    options.signal?.addEventListener('abort', abort, { once: true })
    const stopListening = (): void => options.signal?.removeEventListener('abort', abort)
    try {
      await host.ready
    } catch (error) {
      stopListening()
      await host.ended
      throw error
    }
    await host.pause()
    await host.begin()
    return new BurstHost(host, () => Number(process.hrtime.bigint() - epoch), rows, stopListening)
  }

  /** Works for `ms`; gives the settled part of that time on this host's clock. */
  async burst(ms: number): Promise<Window> {
    await this.#host.resume()
    const from = this.#now()
    await delay(ms)
    const to = this.#now()
    await this.#host.pause()
    return { from: from + settleShare * (to - from), to }
  }

  /** How long a burst must be to hold enough requests: by a first one, which also warms up. */
  async neededMs(): Promise<number> {
    const window = await this.burst(2 * leastBurstMs)
    await delay(rowsArriveMs)
    const service = this.take(window)
    const median = service.length === 0 ? Number.POSITIVE_INFINITY : quantile(service, 0.5) / 1e6
    return Math.min(longestBurstMs, Math.max(leastBurstMs, (burstRequests * median) / (1 - settleShare)))
  }

  /** Service times of the requests that lie within a burst, ns. */
  take({ from, to }: Window): Float64Array {
    return Float64Array.from(
      this.#rows.filter(({ started, done }) => started >= from && done <= to),
      ({ started, done }) => done - started,
    )
  }

  /** Drops the rows so far. */
  forget(): void {
    this.#rows.length = 0
  }

  async end(): Promise<void> {
    this.#stopListening()
    await endHost(this.#host)
  }
}
