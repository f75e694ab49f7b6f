// Modules of the user's are targets too: what goes wrong in one is a failure of the target, not of this program.
import { TailwattError } from '../base/errors.ts'
import { namesModule } from '../host/extension.ts'
import { statusNames } from '../run/table.ts'
import type { Outcome } from './target.ts'

const remedy =
  'Check what the module exports: a provider with inspect and open, and a target with prepare, infer or send, and close.'

/** The error as it is, or as the target's where a module of the user's threw it. */
export function targetFault(kind: string, error: unknown): unknown {
  if (error instanceof TailwattError || !namesModule(kind)) return error
  const message = error instanceof Error ? error.message : String(error)
  return new TailwattError('target-failed', { message, remedy }, { cause: error })
}

/** Why an answer says neither success nor which failure: it must not be taken for a success. `undefined` when it does. */
export function outcomeFault(outcome: Outcome): TypeError | undefined {
  const status = (outcome as Partial<Outcome> | null | undefined)?.status
  const known = typeof status === 'number' && (statusNames[status] !== undefined || (status >= 100 && status <= 599))
  return known ? undefined : new TypeError(`it answered with the status ${String(status)}, which is none`)
}

/** @throws TypeError see {@link outcomeFault}. */
export function requireOutcome(outcome: Outcome): Outcome {
  const fault = outcomeFault(outcome)
  if (fault) throw fault
  return outcome
}
