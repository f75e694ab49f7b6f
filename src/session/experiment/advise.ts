// `--advise`: tries other settings of the engine against the run's own, in short interleaved bursts (A B B A), so that
// drifts of the host meet both. The run's own setting and the one tried each have a load host that stays up; while one
// works the other is paused.
import { setTimeout as delay } from 'node:timers/promises'
import { changes } from '../../analysis/compare/paired.ts'
import { describeError, fromErrorRecord, toErrorRecord } from '../../base/errors.ts'
import type { AdviceResult } from '../../run/manifest.ts'
import { findTargetKind } from '../../targets/catalog.ts'
import { typed, type Room } from '../../targets/option.ts'
import type { TargetSpec } from '../../targets/target.ts'
import { rounds } from './rounds.ts'
import { rowsArriveMs, TrialHost, type TrialOptions, type Window } from './trial-host.ts'

export interface AdviseOptions extends TrialOptions {
  readonly target: TargetSpec
  readonly cpus: number
  readonly onProgress: (message: string) => void
}

interface Setting {
  readonly flag: string
  readonly options: Readonly<Record<string, unknown>>
}

/** Pairs of bursts for each setting. */
const pairs = 8

/** Other settings worth a try for this target and host. */
export function settingsToTry({ kind, options }: TargetSpec, room: Room): readonly Setting[] {
  const known = findTargetKind(kind)
  return (known?.tries ?? []).flatMap((key) => {
    const option = known!.options[key]!
    const values = option.vary?.(options, room) ?? []
    return values.map((value) => ({ flag: typed(option, value), options: { [key]: value } }))
  })
}

export async function advise(options: AdviseOptions): Promise<readonly AdviceResult[]> {
  const settings = settingsToTry(options.target, { cpus: options.cpus, instances: options.targetFacts.instances })
  if (settings.length === 0) return []
  const results: AdviceResult[] = []
  const own = await TrialHost.start(options, options.target)
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
  own: TrialHost,
  ownMs: number,
  setting: Setting,
): Promise<readonly AdviceResult[]> {
  const spec: TargetSpec = { ...options.target, options: { ...options.target.options, ...setting.options } }
  const failed = (error: unknown): readonly AdviceResult[] => {
    const failure = describeError(fromErrorRecord(toErrorRecord(error))).title
    return [{ flag: setting.flag, metric: 'p50', change: null, low: null, high: null, n: 0, failure }]
  }
  let other: TrialHost
  try {
    other = await TrialHost.start(options, spec)
  } catch (error) {
    return failed(error)
  }
  try {
    const burstMs = Math.max(ownMs, await other.neededMs())
    const burst = (host: TrialHost): Promise<Window> => host.burst(burstMs)
    const windows = await rounds([own, other], burst, (done) => done.get(own)!.length >= pairs, options.signal)
    await delay(rowsArriveMs)
    const theirs = windows.get(other)!
    const service = windows.get(own)!.map((window, i) => [own.take(window), other.take(theirs[i]!)] as const)
    return changes(setting.flag, service)
  } catch (error) {
    return failed(error)
  } finally {
    own.forget()
    await other.end()
  }
}
