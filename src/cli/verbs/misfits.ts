// Flags of `run` that would do nothing for this target or beside the other flags: said, not ignored. Values from variables
// are not asked about: they are set once, for runs of all kinds.
import { targetKinds, type TargetKind } from '../../index.ts'
import { flagsOf, valueOf } from '../target-flags.ts'
import type { RunFlags } from './run-flags.ts'

/** Each changes how the other one works. */
const needs: readonly (readonly [string, string])[] = [
  ['arrivals', 'rate'],
  ['onBreach', 'sla'],
  ['allowEstimates', 'sla'],
  ['keepBody', 'body'],
]

export interface Misfit {
  readonly flag: string
  /** Why it has no effect; `{name}` stands for the name of a flag. */
  readonly why: string
}

/** The first there is. @param given whether the command line itself says it */
export function misfit(kind: string, flags: RunFlags, given: (flag: string) => boolean): Misfit | undefined {
  const target = targetKinds.find((each) => each.kind === kind)
  const alone = needs
    .filter(([, other]) => valueOf(flags, other) === undefined)
    .map(([flag, other]) => ({ flag, why: `does nothing without {${other}}` }))
  return [...ofOtherKinds(target), ...alone, ...ofLoad(target, flags)].find(({ flag }) => given(flag))
}

function ofOtherKinds(target: TargetKind | undefined): readonly Misfit[] {
  const own = target ? flagsFor(target) : []
  const foreign = new Set(targetKinds.flatMap(flagsFor).filter((flag) => !own.includes(flag)))
  return [...foreign].map((flag) => {
    const takers = targetKinds.filter((kind) => flagsFor(kind).includes(flag)).map(({ names }) => names.many)
    return { flag, why: `is for ${takers.join(' and ')}, and this is ${target?.names.one ?? 'a module'}` }
  })
}

/** All that do nothing for a target of another kind: its own, and those of the run that need something of it. */
const flagsFor = (kind: TargetKind): readonly string[] => [
  ...(kind.api ? ['api'] : []),
  ...flagsOf(kind).flatMap(({ name, option }) => (option.reads.form === 'shared' ? [] : [name])),
  ...('body' in kind.options ? ['keepBody'] : []),
  ...(kind.tries ? ['advise'] : []),
]

function ofLoad(target: TargetKind | undefined, { rate }: RunFlags): readonly Misfit[] {
  if (!target) return []
  if (target.flow === 'wire') return [{ flag: 'instances', why: 'is for models; use {concurrency}' }]
  const forServers = ['loadThreads', 'connections'].map((flag) => ({ flag, why: 'is for servers, and this is none' }))
  if (target.flow === 'async') return [{ flag: 'instances', why: 'is for models; use {concurrency}' }, ...forServers]
  return [...forServers, ...ofInstances(rate)]
}

function ofInstances(rate: number | undefined): readonly Misfit[] {
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
