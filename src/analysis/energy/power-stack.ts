// Power over the run as a stack that counts nothing twice: the idle base, above it what each measured device drew, around
// them what the outermost meter showed. An estimate stands beside the stack, never in it.
import { burstOf } from '../channels/usual-distance.ts'
import { loadStart } from '../requests/load-start.ts'
import type { Channel } from '../../run/channel.ts'
import type { RunDocument } from '../../run/document.ts'
import type { Figure } from '../../run/figure.ts'
import type { Measured } from '../../run/source.ts'
import { channelSeries, type ChannelSeries } from '../channels/channel-series.ts'
import { measuredWindow } from '../requests/measured-window.ts'
import { phaseWindow } from '../phases.ts'
import { Rows } from '../requests/rows.ts'
import { balanceOf } from './balance.ts'
import { residualOf, sumOf } from './figures.ts'
import { partsOf, timingOf, type Part, type PartContext } from './part.ts'
import { outermost } from './double-counting.ts'
import { gapsOf, powerSeries, resolutionOf, type Gap, type Watts } from './power-series.ts'
import { suspends } from './suspends.ts'
import { ownRecording } from '../../run/recording.ts'

const mostIntervals = 200

export interface PowerLayer {
  readonly channel: Channel
  /** Of each interval, all of it; `undefined` where it is not known. */
  readonly watts: Watts
  /** W without the load, from the idle phases; `undefined` where there were none. */
  readonly idle: number | undefined
  /** Over the measured window. */
  readonly joules: Figure
}

export interface PowerOuter {
  readonly channels: readonly Channel[]
  readonly watts: Watts
  /** W without the load, where it is known of all. */
  readonly idle: number | undefined
  /** Over the measured window. */
  readonly joules: Figure
}

export interface PowerStack {
  /** Edges of the intervals, s since the load began; idle phases before it are negative. */
  readonly edges: readonly number[]
  /** From the bottom up. */
  readonly layers: readonly PowerLayer[]
  /** The outermost that was read (wall, system, psys), where it is none of the layers. */
  readonly outer: PowerOuter | undefined
  /** `outer` less the layers, over the measured window, J. */
  readonly unattributed: Figure | undefined
  /** Ends of the estimate of the CPU where that is not measured. */
  readonly estimate: { readonly low: Watts; readonly high: Watts } | undefined
  readonly phases: readonly {
    readonly name: 'idle' | 'cold start' | 'load'
    readonly from: number
    readonly to: number
  }[]
  /** The measured window, s since the load began. */
  readonly window: { readonly from: number; readonly to: number }
  /** When a channel that is drawn gave nothing. */
  readonly gaps: readonly (Gap & { readonly channel: string })[]
}

/** `undefined` where neither a power was measured nor one estimated. Times in s since the load began. */
export function powerStack(measured: Measured, document: RunDocument): PowerStack | undefined {
  const { events } = measured
  const rows = new Rows(measured.requests)
  const zero = loadStart(rows, measured.manifest)
  const window = measuredWindow(rows, document.requests.excluded_warmup)
  const all = channelSeries(measured)
  const context: PartContext = {
    characters: new Map((document.sensors ?? []).map((sensor) => [sensor.channel, sensor])),
    gaps: suspends(events),
    ...burstOf(events),
    rhythm: window.longestGap,
  }
  const balance = balanceOf(all, window, context)
  // Ids are unique in a run; of two the first counts.
  const byId = new Map(all.toReversed().map((series) => [series.channel.id, series]))
  const modules = balance.best.filter((part) => part.channel.scope === 'module')
  const parts = ordered(outermost([...balance.cpuParts, ...balance.gpuParts, ...modules]))
  // A window too short for the outermost is left to the devices: these are the layers.
  const outer = balance.totalParts.some(({ channel }) => shells.has(channel.scope)) ? balance.totalParts : []
  const ofCpu = new Set(balance.cpuParts)
  const model = parts.some((part) => ofCpu.has(part)) ? [] : all.filter(({ channel }) => channel.bound)
  const shown = [...new Set([...parts, ...outer].map(({ channel }) => channel.id))].map((id) => byId.get(id)!)
  if (shown.length === 0 && model.length < 2) return undefined
  const phases = phasesOf(measured, zero)
  const span = { from: Math.min(zero, phases[0]!.from), to: Math.max(window.to, phases.at(-1)!.to) }
  const fine = parts.length > 0 ? shown.slice(0, parts.length) : [...shown, ...model]
  const edges = edgesOf(span, Math.max(...fine.map((series) => resolutionOf(series, timingOf(series, context)))))
  const course = ({ channel: { id } }: Pick<Part, 'channel'>): Watts => {
    const series = byId.get(id)!
    return powerSeries(series, timingOf(series, context), edges)
  }
  const seconds = (t: number): number => (t - zero) / 1e9
  const courses = parts.map((part) => ({ part, watts: course(part) }))
  // One whose course is not known at all would leave nothing known of the stack.
  const drawn = courses.filter(({ watts }) => watts.some((w) => w !== undefined))
  const layers = drawn.map(({ part, watts }) => ({
    channel: part.channel,
    watts,
    idle: idleWatts(byId.get(part.channel.id)!, phases, context),
    joules: sumOf([part], part.channel.scope)!,
  }))
  const around = sumOf(outer, outer[0]?.channel.scope ?? '')
  const inside = sumOf(
    drawn.map(({ part }) => part),
    'devices',
  )
  return {
    edges: Array.from(edges, seconds),
    layers,
    outer: around && {
      channels: outer.map(({ channel }) => channel),
      watts: sumOfWatts(outer.map(course), edges.length - 1),
      idle: sumOfWatts(
        outer.map(({ channel }) => [idleWatts(byId.get(channel.id)!, phases, context)]),
        1,
      )[0],
      joules: around,
    },
    unattributed: (around && inside && residualOf(inside, around)) || undefined,
    estimate: estimateOf(model, context, edges),
    phases: phases.map(({ name, from, to }) => ({ name, from: seconds(from), to: seconds(to) })),
    window: { from: seconds(window.from), to: seconds(window.to) },
    gaps: shown.flatMap((series) =>
      gapsOf(series, timingOf(series, context)).flatMap((gap) =>
        gap.to <= span.from || gap.from >= span.to
          ? []
          : [{ channel: series.channel.id, from: seconds(gap.from), to: seconds(gap.to) }],
      ),
    ),
  }
}

const shells: ReadonlySet<Channel['scope']> = new Set(['wall', 'system', 'psys'])
const order: readonly Channel['scope'][] = ['package', 'dram', 'module', 'gpu']
const ordered = (parts: readonly Part[]): readonly Part[] =>
  [...parts].sort((a, b) => order.indexOf(a.channel.scope) - order.indexOf(b.channel.scope))

interface Phase {
  readonly name: PowerStack['phases'][number]['name']
  /** ns since the epoch. */
  readonly from: number
  readonly to: number
}

/** In order of time; the load is always there. */
function phasesOf({ manifest, events }: Measured, zero: number): readonly Phase[] {
  const load = { name: 'load' as const, from: zero, to: ownRecording(manifest)?.to ?? zero }
  const idle = (['idle-before', 'idle-after'] as const).flatMap((name) => {
    const found = phaseWindow(events, name)
    return found ? [{ name: 'idle' as const, ...found }] : []
  })
  const before = idle.find(({ to }) => to <= zero)
  const cold = events.some(({ kind }) => kind === 'cold_start')
  return [
    ...idle,
    ...(before && cold && before.to < zero ? [{ name: 'cold start' as const, from: before.to, to: zero }] : []),
    load,
  ].sort((a, b) => a.from - b.from)
}

function edgesOf({ from, to }: { readonly from: number; readonly to: number }, resolution: number): Float64Array {
  const step = Math.max((to - from) / mostIntervals, resolution || 0)
  const count = Math.max(1, Math.floor((to - from) / step))
  return Float64Array.from({ length: count + 1 }, (_, i) => from + ((to - from) * i) / count)
}

/** Mean of the idle phases. */
function idleWatts(own: ChannelSeries, phases: readonly Phase[], context: PartContext): number | undefined {
  const watts = phases.flatMap(({ name, from, to }) => {
    if (name !== 'idle') return []
    const joules = partsOf([own], { from, to }, context)[0]?.joules
    return typeof joules === 'number' ? [joules / ((to - from) / 1e9)] : []
  })
  return watts.length === 0 ? undefined : watts.reduce((sum, one) => sum + one, 0) / watts.length
}

/** Known only where all are. */
function sumOfWatts(courses: readonly Watts[], length: number): Watts {
  return Array.from({ length }, (_, i) =>
    courses.reduce<number | undefined>((sum, watts) => {
      const one = watts[i]
      return sum === undefined || one === undefined ? undefined : sum + one
    }, 0),
  )
}

function estimateOf(
  model: readonly ChannelSeries[],
  context: PartContext,
  edges: Float64Array,
): PowerStack['estimate'] {
  const bound = (end: 'low' | 'high'): Watts | undefined => {
    const series = model.find(({ channel }) => channel.bound === end)
    return series && powerSeries(series, timingOf(series, context), edges)
  }
  const [low, high] = [bound('low'), bound('high')]
  return low && high ? { low, high } : undefined
}
