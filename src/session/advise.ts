// `--advise`: tries other settings of the engine against the run's own, in short interleaved bursts (A B B A), so that
// drifts of the host meet both. Each setting has a load host of its own that stays up; one works at a time.
import { studentQuantile } from '../stats/student.ts'
import { quantile } from '../stats/quantile.ts'
import type { LoadSpec } from '../load/pacer.ts'
import type { AdviceResult, TargetFacts } from '../run/manifest.ts'
import { describeError, fromErrorRecord, toErrorRecord } from '../base/errors.ts'
import type { TargetSpec } from '../targets/target.ts'
import { startLoadHost } from './load-host.ts'

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

/** Pairs of bursts for each setting; five are the least whose interval says something. */
const pairs = 6
const burstSeconds = 0.7
const leastRequests = 5

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
  const results: AdviceResult[] = []
  const settings = settingsToTry(options.target, options.targetFacts, options.cpus)
  for (const [index, setting] of settings.entries()) {
    if (options.signal?.aborted) break
    options.onProgress(`${setting.flag} (${index + 1} of ${settings.length})`)
    results.push(await trySetting(options, setting))
  }
  return results
}

async function trySetting(options: AdviseOptions, setting: Setting): Promise<AdviceResult> {
  const other: TargetSpec = { ...options.target, options: { ...options.target.options, ...setting.options } }
  const differences: number[] = []
  try {
    for (let pair = 0; pair < pairs && !options.signal?.aborted; pair++) {
      // A B, then B A: a drift that goes on through both adds to one pair what it takes from the next.
      const first = pair % 2 === 0
      const a = await burst(options, first ? options.target : other)
      const b = await burst(options, first ? other : options.target)
      const [own, tried] = first ? [a, b] : [b, a]
      if (own !== undefined && tried !== undefined) differences.push(Math.log(tried / own))
    }
  } catch (error) {
    const failure = describeError(fromErrorRecord(toErrorRecord(error))).title
    return {
      flag: setting.flag,
      metric: metricName,
      change: null,
      low: null,
      high: null,
      n: differences.length,
      failure,
    }
  }
  return { flag: setting.flag, metric: metricName, ...meanChange(differences), n: differences.length }
}

const metricName = 'p50'

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

/** Median service time of one burst in a fresh load host, ns; `undefined` when too little was done. */
async function burst(options: AdviseOptions, target: TargetSpec): Promise<number | undefined> {
  const service: number[] = []
  const { instances, batch } = options.targetFacts
  const host = startLoadHost({
    target,
    load: { mode: 'closed', concurrency: instances, seed: options.load.seed, pacing: 'sleep', for: burstSeconds * 1e9 },
    instances,
    batch,
    epoch: process.hrtime.bigint(),
    onRequests: (chunk) => {
      for (let i = 0; i < chunk.length; i++) if (chunk.status[i] === 0) service.push(chunk.done[i]! - chunk.started[i]!)
    },
    onEvent: () => undefined,
  })
  const abort = (): void => host.kill()
  options.signal?.addEventListener('abort', abort, { once: true })
  try {
    await host.ready
    await host.begin()
  } finally {
    await host.ended
    options.signal?.removeEventListener('abort', abort)
  }
  // The first fifth warms caches up.
  const kept = Float64Array.from(service.slice(Math.floor(service.length / 5)))
  return kept.length < leastRequests ? undefined : quantile(kept, 0.5)
}
