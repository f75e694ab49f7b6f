// From what the caller asked for to a whole plan of a measurement: defaults filled, texts parsed, contradictions refused.
// Reads nothing and starts nothing.
import { TailwattError } from '../base/errors.ts'
import { parseDuration } from '../units/quantity.ts'
import type { LoadSpec } from '../load/pacer.ts'
import type { EnergyContext } from '../run/manifest.ts'
import { needed } from '../analysis/sla/absence.ts'
import { parseRule, type SlaRule } from '../analysis/sla/sla.ts'
import { parseUntil, type UntilRule } from '../analysis/sla/until.ts'
import { energyContextOf } from '../carbon/energy-context.ts'
import type { DurationInput, ProfileOptions } from './options.ts'

/** How long a run lasts when the caller does not say: until p99 is known within ±5 %, or this long. */
export const defaultSeconds = 30
export const defaultUntil = 'p99±5%'

export interface Plan {
  readonly load: LoadSpec
  readonly until: UntilRule | undefined
  readonly untilText: string | null
  readonly rules: readonly SlaRule[]
  readonly instances: number
  readonly batch: number
  readonly cold: number
  readonly maxErrors: number
  readonly sampleHz: number
  /** Of each idle phase, ns; 0: none. */
  readonly idle: number
  readonly energyContext: EnergyContext
  readonly out: string
}

/** @throws TailwattError `usage` or `rule-malformed` for what cannot be meant. */
export function planRun(options: ProfileOptions): Plan {
  const seed = options.seed ?? 1
  const given = options.load ?? {}
  const open = given.mode === 'open' || given.rate !== undefined
  if (open && !(given.rate !== undefined && given.rate > 0)) usage('an open loop needs a rate above 0')
  const concurrency = given.concurrency ?? (open ? 1024 : Math.max(1, options.instances ?? 1))
  whole('concurrency', concurrency, 1)
  const duration = nanos('for', options.for)
  // A count or a duration says when to stop; without either the percentile decides, and 30 s are the limit.
  const bounded = duration !== undefined || options.requests !== undefined
  const untilText = options.until ?? (bounded ? null : defaultUntil)
  const limit = duration ?? (options.requests === undefined ? defaultSeconds * 1e9 : undefined)
  if (options.requests !== undefined) whole('requests', options.requests, 1)
  const load: LoadSpec = {
    mode: open ? 'open' : 'closed',
    concurrency,
    ...(open ? { rate: given.rate!, arrivals: given.arrivals ?? 'constant' } : {}),
    seed,
    pacing: given.pacing ?? 'sleep',
    // A thread that may have no request outstanding would be none.
    threads: Math.min(whole('threads', given.threads ?? 1, 1), concurrency),
    ...(given.connections === undefined ? {} : { connections: whole('connections', given.connections, 1) }),
    ...(limit === undefined ? {} : { for: limit }),
    ...(options.requests === undefined ? {} : { requests: options.requests }),
  }
  const rules = (options.sla ?? []).map(parseRule)
  const energyContext = energyContextOf(options, 'run')
  for (const rule of rules) refuseUnanswerable(rule, energyContext)
  return {
    load,
    until: untilText === null ? undefined : parseUntil(untilText),
    untilText,
    rules,
    instances: whole('instances', options.instances ?? 1, 1),
    batch: whole('batch', options.target.batch ?? 1, 1),
    cold: whole('cold', options.cold ?? 3, 1),
    maxErrors: options.maxErrors ?? 0.01,
    sampleHz: positive('sampleHz', options.sampleHz ?? 10),
    idle: idleNanos(options.idle),
    energyContext,
    out: options.out ?? 'runs',
  }
}

function usage(message: string): never {
  throw new TailwattError('usage', { message, verb: 'run' })
}

/** A rule about money without a price, or in another currency, could only ever be unsure. */
function refuseUnanswerable({ text, metric, unit }: SlaRule, context: EnergyContext): void {
  const need = needed[metric]
  if (need && context[need] === undefined) usage(`the rule ${text} needs --${need}`)
  const currency = context.tariff?.currency
  if (need === 'tariff' && unit !== '' && unit !== currency)
    usage(`the rule ${text} is in ${unit}, and the tariff in ${currency || 'no currency'}`)
}

function whole(name: string, value: number, least: number): number {
  if (!Number.isSafeInteger(value) || value < least)
    usage(`${name} must be a whole number of at least ${least}, not ${value}`)
  return value
}

function positive(name: string, value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) usage(`${name} must be above 0, not ${value}`)
  return value
}

function nanos(name: string, input: DurationInput | undefined): number | undefined {
  if (input === undefined) return undefined
  const value = typeof input === 'number' ? input : parseDuration(input)
  if (value === undefined || !(value > 0))
    usage(`${name} needs a duration with its unit, such as 30s, not ${String(input)}`)
  return value
}

const defaultIdle = 2e9

function idleNanos(input: DurationInput | undefined): number {
  const none = input === 0 || (typeof input === 'string' && /^0+[a-z]*$/i.test(input.trim()))
  return none ? 0 : (nanos('idle', input) ?? defaultIdle)
}
