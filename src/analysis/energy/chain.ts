// From the socket to one inference: what each step shows, and what of it the next inner one that was measured does not. An
// estimate stands in the chain as a range and has no residual: it is not measured.
import type { Attribution, EnergyStep } from '../../run/sections/energy.ts'
import type { Figure } from '../../run/figure.ts'
import { withCautions } from '../../run/caution.ts'
import type { Scope } from '../../run/channel.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import type { Balance } from './balance.ts'
import { residualOf, scaled, sumOf } from './figures.ts'
import type { Part } from './part.ts'
import { outermost } from './double-counting.ts'

export interface ChainInput {
  readonly balance: Balance
  /** The estimate of the CPU, where it was read. */
  readonly model: Figure | undefined
  readonly attributed: readonly Attribution[]
  readonly perInference: { readonly gross: Figure | null; readonly net: Figure | null }
  readonly seconds: number
  readonly inferences: number
  /** Rows that say why sensors gave nothing. */
  readonly told: readonly Unmeasured[]
}

type Step = Omit<EnergyStep, 'watts' | 'unaccounted'>
type Missing = NonNullable<EnergyStep['missing']>

export function chainOf(input: ChainInput): readonly EnergyStep[] {
  const { seconds } = input
  const outer = [...shells(input.balance), devicesStep(input), processStep(input)]
  const steps = outer.map((step, i): EnergyStep => {
    const inner = outer.slice(i + 1).find(({ joules }) => joules !== null && joules.value !== null)
    return {
      ...step,
      watts: step.joules && seconds > 0 ? scaled(step.joules, 1 / seconds, 'W') : null,
      unaccounted: step.joules && inner?.joules ? residualOf(inner.joules, step.joules) : null,
    }
  })
  return [...steps, inferenceStep(input)]
}

function shells({ best, platform, system }: Balance): readonly Step[] {
  const of = (scope: Scope): readonly Part[] => best.filter((part) => part.channel.scope === scope)
  const wall = of('wall')
  const board = of('system')
  const inner = [
    ...(board.length > 0 ? [stepOf('system', board, noHost)] : []),
    ...(platform.length > 0 ? [withCaution(stepOf('platform', platform, noHost), system)] : []),
  ]
  return [stepOf('wall', wall, noWall), ...(inner.length > 0 ? inner : [stepOf('platform', [], noHost)])]
}

const noWall: Missing = {
  reason: 'no external meter was read',
  remedy: 'measure at the socket: --sensors +shelly:ADDRESS or +tasmota:ADDRESS',
}
const noHost: Missing = {
  reason: 'neither a platform counter (psys) nor a board sensor was read',
  remedy: 'use a host whose RAPL has the psys domain; `tailwatt doctor` says what this one has',
}

function stepOf(level: Step['level'], parts: readonly Part[], missing: Missing): Step {
  const joules = sumOf(parts, parts[0]?.channel.scope ?? '') ?? null
  return { level, joules, parts: membersOf(parts), ...(joules === null ? { missing } : {}) }
}

/** Whether psys holds a graphics card is a caution of the system's figure. */
function withCaution(step: Step, system: Figure | undefined): Step {
  if (system?.scope !== 'psys' || system.cautions === undefined || step.joules === null) return step
  return { ...step, joules: { ...step.joules, cautions: system.cautions } }
}

const membersOf = (parts: readonly Part[]): Step['parts'] =>
  parts.map((part) => ({
    kind: 'device',
    scope: part.channel.scope,
    joules: sumOf([part], part.channel.scope)!,
  }))

/** Packages, memory beside them, modules and GPUs: nothing twice. An estimated CPU is a part, but not of the sum. */
function devicesStep({ balance, model, told }: ChainInput): Step {
  const modules = balance.best.filter((part) => part.channel.scope === 'module')
  const parts = outermost([...balance.cpuParts, ...balance.gpuParts, ...modules])
  const estimate =
    balance.cpu === undefined && model ? [{ kind: 'estimate', scope: 'package', joules: model } as const] : []
  const scopes = [...new Set(parts.map((part) => (part.channel.scope === 'dram' ? 'package' : part.channel.scope)))]
  const joules = sumOf(parts, scopes.join('+')) ?? (estimate.length > 0 ? model! : null)
  const row = told.find(({ what }) => what === 'cpu_w') ?? told.find(({ what }) => what === 'gpu_w')
  return {
    level: 'devices',
    joules,
    parts: [...membersOf(parts), ...estimate],
    ...(joules === null ? { missing: row ? { reason: row.reason, remedy: row.remedy } : noDevices } : {}),
  }
}

const noDevices: Missing = {
  reason: 'no counter of a device was read',
  remedy: '`tailwatt doctor` says what this host has and how to read it',
}

/** The target's share of each device; tailwatt's own stands beside it and is not in the sum. */
function processStep({ attributed }: ChainInput): Step {
  const own = attributed.filter(({ process }) => process === 'target')
  const joules = own.length > 0 ? together(own.map((row) => row.joules)) : null
  return {
    level: 'process',
    joules,
    parts: attributed.map((row) => ({
      kind: row.process,
      scope: row.by === 'cpu-time' ? 'package' : 'gpu',
      joules: row.joules,
    })),
    ...(joules === null ? { missing: noProcess } : {}),
  }
}

const noProcess: Missing = {
  reason: 'no measured device whose use is counted by process',
  remedy: 'it needs a device’s energy (RAPL, NVML) and its use by process; --sensors must include procfs or nvml',
}

function together(figures: readonly Figure[]): Figure {
  const sum = (read: (figure: Figure) => number): number => figures.reduce((total, figure) => total + read(figure), 0)
  const figure: Figure = {
    ...figures[0]!,
    value: sum((figure) => figure.value ?? 0),
    low: sum((figure) => figure.low ?? 0),
    high: sum((figure) => figure.high ?? figure.value ?? 0),
    n: Math.min(...figures.map(({ n }) => n)),
    statistical: sum((figure) => figure.statistical ?? 0),
    systematic: sum((figure) => figure.systematic ?? 0),
    grade: figures
      .map(({ grade }) => grade ?? 'C')
      .sort()
      .at(-1)!,
    // Above idle only where every part is.
    basis: figures.every(({ basis }) => basis === 'net') ? 'net' : 'gross',
    sources: figures.flatMap(({ sources = [] }) => sources),
  }
  return withCautions(
    figure,
    figures.flatMap(({ cautions = [] }) => cautions),
  )
}

function inferenceStep({ attributed, perInference: { gross, net }, inferences, told }: ChainInput): EnergyStep {
  const own = attributed.filter(({ process }) => process === 'target').map(({ joules }) => joules)
  const share = own.length > 0 && inferences > 0 ? scaled(together(own), 1 / inferences, 'J') : null
  const parts: Step['parts'] = [
    ...(gross ? [{ kind: 'gross', scope: gross.scope ?? '', joules: gross } as const] : []),
    ...(net ? [{ kind: 'net', scope: net.scope ?? '', joules: net } as const] : []),
    ...(share ? [{ kind: 'target', scope: 'process', joules: share } as const] : []),
  ]
  const row = told.find(({ what }) => what === 'cpu_w') ?? told.find(({ what }) => what === 'system_w')
  const missing =
    inferences > 0
      ? { reason: row?.reason ?? noDevices.reason, remedy: row?.remedy ?? noDevices.remedy }
      : { reason: 'no inference succeeded in the window', remedy: 'see the errors of the requests' }
  return {
    level: 'inference',
    joules: gross,
    watts: null,
    parts,
    unaccounted: null,
    ...(gross === null ? { missing } : {}),
  }
}
