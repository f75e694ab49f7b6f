// What a window cost the system, the CPU and the GPUs, with nothing counted twice:
//
//   wall ⊃ system ⊃ psys ⊃ package ⊃ core, uncore        dram beside its package        module ⊃ gpu ⊃ gpu-memory
import type { Figure } from '../../run/figure.ts'
import type { Scope } from '../../run/channel.ts'
import type { ChannelSeries } from '../channels/channel-series.ts'
import { withCautions } from '../../run/caution.ts'
import { sumOf } from './figures.ts'
import { partsOf, type Part, type PartContext } from './part.ts'
import { bestParts, outermost } from './double-counting.ts'

export interface Balance {
  readonly system: Figure | undefined
  readonly cpu: Figure | undefined
  readonly gpu: Figure | undefined
  /** The outermost measured: the system, else the devices together. */
  readonly total: Figure | undefined
  /** What `total` is the sum of. */
  readonly totalParts: readonly Part[]
  readonly cpuParts: readonly Part[]
  readonly gpuParts: readonly Part[]
  /** psys, and the GPUs that are certainly beside it. */
  readonly platform: readonly Part[]
  /** One a device and scope. */
  readonly best: readonly Part[]
  /** Every reading, checks included. */
  readonly every: readonly Part[]
}

export function balanceOf(
  all: readonly ChannelSeries[],
  window: { readonly from: number; readonly to: number },
  context: PartContext,
): Balance {
  const every = window.to > window.from ? partsOf(all, window, context) : []
  return balanceOfParts(every, bestParts(every))
}

/**
 * @param best one a device and scope
 * @param beside whether GPUs are known to lie beside the platform counter; left out: as these parts show
 */
export function balanceOfParts(every: readonly Part[], best: readonly Part[], beside = false): Balance {
  const of = (...scopes: readonly Scope[]): readonly Part[] =>
    best.filter((part) => scopes.includes(part.channel.scope))
  const packages = of('package')
  // DRAM is counted beside its package; alone it is not the CPU.
  const cpuParts = packages.length > 0 ? [...packages, ...of('dram')] : []
  const gpuParts = of('gpu')
  const devices = outermost([...cpuParts, ...gpuParts, ...of('module')])
  const platform = platformParts(of('psys'), cpuParts, gpuParts, beside)
  const shells = [of('wall'), of('system'), platform].filter((parts) => parts.length > 0)
  // A window too short for the outermost is left to the next one in that is quick enough.
  const systemParts = shells.find(resolved) ?? shells[0] ?? []
  const totalParts = resolved(systemParts) || (systemParts.length > 0 && !resolved(devices)) ? systemParts : devices
  const scopes = new Set(devices.map((part) => (part.channel.scope === 'dram' ? 'package' : part.channel.scope)))
  const order = ['package', 'module', 'gpu'] as const
  return {
    system: systemOf(systemParts, gpuParts),
    cpu: sumOf(cpuParts, 'package'),
    gpu: sumOf(gpuParts, 'gpu'),
    total:
      totalParts === devices
        ? sumOf(devices, order.filter((scope) => scopes.has(scope)).join('+'))
        : systemOf(systemParts, gpuParts),
    platform,
    totalParts,
    cpuParts,
    gpuParts,
    best,
    every,
  }
}

const resolved = (parts: readonly Part[]): boolean => parts.length > 0 && parts.every(({ joules }) => joules !== null)

/**
 * The platform counter holds the processor's package; whether it holds a graphics card differs from board to board. Where it
 * shows less than processor and card together, the card is beside it.
 */
function platformParts(
  psys: readonly Part[],
  cpu: readonly Part[],
  gpu: readonly Part[],
  beside: boolean,
): readonly Part[] {
  const gpus = new Set(gpu)
  const cards = outermost([...psys, ...cpu, ...gpu]).filter((part) => gpus.has(part))
  if (psys.length === 0 || cards.length === 0) return psys
  const high = psys.reduce((sum, part) => sum + part.high, 0)
  const low = [...cpu, ...cards].reduce((sum, part) => sum + part.low, 0)
  return beside || high < low ? [...psys, ...cards] : psys
}

function systemOf(parts: readonly Part[], gpu: readonly Part[]): Figure | undefined {
  const scope = parts[0]?.channel.scope
  if (scope === undefined) return undefined
  const beside = parts.some((part) => part.channel.scope === 'gpu')
  const figure = sumOf(parts, beside ? `${scope}+gpu` : scope)!
  if (scope !== 'psys' || beside || gpu.length === 0) return figure
  const text = 'it is not known whether the platform counter (psys) holds the GPU'
  return withCautions(figure, [...(figure.cautions ?? []), { code: 'gpu-may-be-beside', text }])
}
