// From the target and the flags of `run` to what is measured: nothing is measured or opened here, files are only looked for.
import { targetKinds, type ProfileOptions } from '../../index.ts'
import { energyOptions } from '../energy-flags.ts'
import { flagsOf, targetOptions } from '../target-flags.ts'
import { misfit } from './misfits.ts'
import type { RunFlags } from './run-flags.ts'

/**
 * @param given whether the command line itself says it, not a variable
 * @throws TailwattError with exit status 2 for what cannot be meant.
 */
export async function planOf(
  text: string,
  flags: RunFlags,
  given: (flag: string) => boolean = () => false,
): Promise<ProfileOptions> {
  const { checkOptions, parseSensors, resolveTarget, TailwattError } = await import('../../index.ts')
  const target = resolveTarget(text, targetOptions(flags), flags.api)
  const useless = misfit(target.kind, flags, given)
  if (useless) {
    const message = `${flagName(useless.flag)} ${useless.why.replace(/\{(\w+)\}/g, (_, flag: string) => flagName(flag))}`
    throw new TailwattError('usage', { message, verb: 'run' })
  }
  const options: ProfileOptions = {
    ...profileOptions(flags),
    ...(flags.sensors === undefined ? {} : { sensors: await parseSensors(flags.sensors) }),
    target,
  }
  await checkOptions(options)
  return options
}

/** As it is typed. */
function flagName(name: string): string {
  const declared = targetKinds.flatMap(flagsOf).find((flag) => flag.name === name)
  return declared?.long ?? `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

function profileOptions(flags: RunFlags): Omit<ProfileOptions, 'target'> {
  return defined<Omit<ProfileOptions, 'target'>>({
    load: defined<NonNullable<ProfileOptions['load']>>({
      mode: flags.rate === undefined ? ('closed' as const) : ('open' as const),
      rate: flags.rate,
      arrivals: flags.arrivals,
      concurrency: flags.concurrency,
      pacing: flags.pacing,
      threads: flags.loadThreads,
      connections: flags.connections,
    }),
    for: flags.for,
    requests: flags.requests,
    until: flags.until,
    repeats: flags.repeats,
    instances: flags.instances,
    cold: flags.cold,
    idle: flags.idle,
    ceilings: flags.ceilings,
    ...energyOptions(flags),
    sla: flags.sla,
    onBreach: flags.onBreach,
    allowEstimates: flags.allowEstimates,
    includeWarmup: flags.includeWarmup,
    maxErrors: flags.maxErrors,
    seed: flags.seed,
    name: flags.name,
    out: flags.out,
    advise: flags.advise,
    command: process.argv.slice(2),
    keepBody: flags.keepBody,
  })
}

/** What is left out stays so; a key that `T` has not is a mistake. */
function defined<T extends object>(values: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T
}
