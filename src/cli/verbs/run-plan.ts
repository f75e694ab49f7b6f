// From the target and the flags of `run` to what is measured: nothing is measured or opened here, files are only looked for.
import { parseDuration, type HttpOptions, type OnnxOptions, type ProfileOptions } from '../../index.ts'
import { energyOptions } from '../energy-flags.ts'
import { misfit, type Flag } from './misfits.ts'
import type { RunFlags } from './run-flags.ts'

/**
 * @param given whether the command line itself says it, not a variable
 * @throws TailwattError with exit status 2 for what cannot be meant.
 */
export async function planOf(
  text: string,
  flags: RunFlags,
  given: (flag: Flag) => boolean = () => false,
): Promise<ProfileOptions> {
  const { checkOptions, parseSensors, resolveTarget, TailwattError } = await import('../../index.ts')
  const target = resolveTarget(text, { onnx: onnxOptions(flags), http: httpOptions(flags) })
  const useless = misfit(target.kind, flags, given)
  if (useless) {
    const message = `${flagName(useless.flag)} ${useless.why.replace(/\{(\w+)\}/g, (_, flag: Flag) => flagName(flag))}`
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

/** As it is typed; of spinning there is the negation only. */
const flagName = (flag: Flag): string =>
  `--${flag === 'spinning' ? 'no-' : ''}${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

function onnxOptions(flags: RunFlags): OnnxOptions {
  return defined({
    threads: flags.threads,
    batch: flags.batch,
    opt: flags.opt,
    provider: flags.provider,
    shapes: flags.shape,
    spinning: flags.spinning === false ? false : undefined,
    seed: flags.seed,
  })
}

function httpOptions(flags: RunFlags): HttpOptions {
  return defined({
    method: flags.method,
    headers: flags.header,
    body: flags.body,
    bodyFile: flags.bodyFile,
    timeoutMs: flags.timeout === undefined ? undefined : durationMs(flags.timeout),
  })
}

const durationMs = (text: string): number => parseDuration(text)! / 1e6

function profileOptions(flags: RunFlags): Omit<ProfileOptions, 'target'> {
  return defined({
    load: defined({
      mode: flags.rate === undefined ? ('closed' as const) : ('open' as const),
      rate: flags.rate,
      arrivals: flags.arrivals,
      concurrency: flags.concurrency,
      pacing: flags.pacing,
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

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>
}
