// Readings held against each other over the same window: two of the same joules must agree, a part must not exceed the
// whole it lies in. Each check keeps its residual; an estimate takes no part.
import type { EnergyCheck } from '../../run/sections/energy.ts'
import type { Figure } from '../../run/figure.ts'
import type { Scope } from '../../run/channel.ts'
import type { Balance } from './balance.ts'
import { residualOf, sumOf } from './figures.ts'
import type { Part } from './part.ts'
import { moduleTest, outermost, placeOf } from './double-counting.ts'

/** Below these a disagreement is between roundings, not between sensors, J and share. */
const leastJoules = 0.01
const leastShare = 1e-4

export function crossChecks(balance: Balance, seconds: number): readonly EnergyCheck[] {
  return [...sameJoules(balance), ...inside(balance)].map(({ kind, what, against }) => {
    const residual = residualOf(what, against)
    return {
      kind,
      what: what.sources!,
      against: against.sources!,
      joules: what,
      against_joules: against,
      residual_j: residual?.value ?? null,
      residual_w: residual === null || !(seconds > 0) ? null : residual.value! / seconds,
      residual,
      agrees: residual === null ? null : agrees(kind, against, residual),
    }
  })
}

interface Pair {
  readonly kind: EnergyCheck['kind']
  readonly what: Figure
  readonly against: Figure
}

/** Whether the difference is one that the two intervals allow. */
function agrees(kind: EnergyCheck['kind'], against: Figure, residual: Figure): boolean {
  const allowed =
    residual.statistical! + residual.systematic! + Math.max(leastJoules, leastShare * Math.abs(against.value!))
  return kind === 'within' ? residual.value! >= -allowed : Math.abs(residual.value!) <= allowed
}

/** Counter against integral, one kernel interface against another, one sensor against another: same scope and device. */
function sameJoules({ best, every }: Balance): readonly Pair[] {
  const speakers = new Map(best.map((part) => [placeOf(part.channel), part]))
  const speaks = new Set(best)
  return every.flatMap((other) => {
    if (speaks.has(other)) return []
    const main = speakers.get(placeOf(other.channel))
    return main ? [{ kind: 'same', what: figure([other]), against: figure([main]) } as const] : []
  })
}

/** cores ⊂ package, GPU ⊂ module, devices ⊂ psys ⊂ system ⊂ wall; each against the next outer one that was read. */
function inside(balance: Balance): readonly Pair[] {
  const { best } = balance
  const of = (...scopes: readonly Scope[]): readonly Part[] =>
    best.filter((part) => scopes.includes(part.channel.scope))
  const pairs: Pair[] = []
  const modules = of('module')
  const children = grouped(best, ({ channel }) => channel.parent)
  const gpusOf = grouped(of('gpu'), ({ channel }) => channel.device)
  // Which of several modules a GPU is on only its own driver tells.
  const onTheModule = modules.length === 1 ? of('gpu').filter(moduleOf(modules)) : []
  for (const outer of of('package', 'module')) {
    const own = outer.channel.scope === 'module' ? [...(gpusOf.get(outer.channel.device) ?? []), ...onTheModule] : []
    const inner = [...new Set([...(children.get(outer.channel.id) ?? []), ...own])]
    if (inner.length > 0) pairs.push({ kind: 'within', what: figure(inner), against: figure([outer]) })
  }
  const gpus = outermost([...of('module'), ...balance.gpuParts])
  const shells: readonly (readonly Part[])[] = [
    outermost([...balance.cpuParts, ...gpus]),
    of('psys'),
    of('system'),
    of('wall'),
  ].filter((parts) => parts.length > 0)
  for (let i = 1; i < shells.length; i++) {
    const outer = shells[i]!
    // The platform counter is the processor's: a graphics card draws beside it.
    const previous = shells[i - 1]!
    const inner =
      outer[0]!.channel.scope === 'psys'
        ? balance.cpuParts
        : previous[0]!.channel.scope === 'psys'
          ? balance.platform
          : previous
    if (inner.length > 0) pairs.push({ kind: 'within', what: figure(inner), against: figure(outer) })
  }
  return pairs
}

const moduleOf = (modules: readonly Part[]): ((part: Part) => boolean) => {
  const test = moduleTest(modules.map(({ channel }) => channel))
  return ({ channel }) => test(channel)
}

function grouped(
  parts: readonly Part[],
  by: (part: Part) => string | undefined,
): ReadonlyMap<string | undefined, Part[]> {
  const groups = new Map<string | undefined, Part[]>()
  for (const part of parts) {
    const group = groups.get(by(part))
    if (group) group.push(part)
    else groups.set(by(part), [part])
  }
  return groups
}

const figure = (parts: readonly Part[]): Figure => sumOf(parts, parts[0]!.channel.scope)!
