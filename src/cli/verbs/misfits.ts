// Flags of `run` that would do nothing for this target or beside the other flags: said, not ignored. Values from variables
// are not asked about: they are set once, for runs of all kinds.
import type { RunFlags } from './run-flags.ts'

export type Flag = keyof RunFlags

const ofModels: readonly Flag[] = ['batch', 'shape', 'threads', 'opt', 'provider', 'spinning', 'advise']
const ofEndpoints: readonly Flag[] = ['api', 'method', 'header', 'body', 'bodyFile', 'keepBody', 'timeout']
/** Each changes how the other one works. */
const needs: readonly (readonly [Flag, Flag])[] = [
  ['arrivals', 'rate'],
  ['onBreach', 'sla'],
  ['allowEstimates', 'sla'],
  ['keepBody', 'body'],
]

export interface Misfit {
  readonly flag: Flag
  /** Why it has no effect; `{name}` stands for the name of a flag. */
  readonly why: string
}

/** The first there is. @param given whether the command line itself says it */
export function misfit(kind: string, flags: RunFlags, given: (flag: Flag) => boolean): Misfit | undefined {
  const targets = [
    ...(kind === 'onnx' ? [] : ofModels.map((flag) => ({ flag, why: `is for ONNX models, and ${what(kind)}` }))),
    ...(kind === 'http' ? [] : ofEndpoints.map((flag) => ({ flag, why: `is for HTTP endpoints, and ${what(kind)}` }))),
  ]
  const alone = needs
    .filter(([, other]) => flags[other] === undefined)
    .map(([flag, other]) => ({ flag, why: `does nothing without {${other}}` }))
  return [...targets, ...alone, ...ofLoad(kind, flags)].find(({ flag }) => given(flag))
}

const what = (kind: string): string =>
  kind === 'onnx' ? 'this is a model' : kind === 'http' ? 'this is an address' : 'this is a module'

function ofLoad(kind: string, { rate }: RunFlags): readonly Misfit[] {
  if (kind === 'http') return [{ flag: 'instances', why: 'is for models; use {concurrency}' }]
  if (kind !== 'onnx') return []
  // An instance of an engine runs one request at a time, and one that is free takes the next at once.
  return rate === undefined
    ? [{ flag: 'pacing', why: 'does nothing without {rate}' }]
    : [
        {
          flag: 'concurrency',
          why: 'does nothing beside {rate}, where requests queue for a free instance; use {instances}',
        },
      ]
}
