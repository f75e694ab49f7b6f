// Power and energy over the measured window: counters before integrals before models, nothing counted twice, each figure
// with its grade. An estimate (grade D) stays a range and is never added to anything measured.
import type { Figure, Grade } from '../run/figure.ts'
import type { EnergySection, PowerSection } from '../run/document.ts'
import type { Scope } from '../run/channel.ts'
import type { Unmeasured } from '../run/manifest.ts'
import type { Measured } from '../run/ports.ts'
import { channelSeries, counterRise, gaugeIntegral, type Amount, type ChannelSeries } from './channel-series.ts'

export interface EnergyWindow {
  /** ns since the epoch. */
  readonly from: number
  readonly to: number
  readonly inferences: number
  /** FLOPs of one inference; null when not known. */
  readonly flopsPerInference: number | null
}

export interface EnergyResult {
  readonly power: PowerSection
  readonly energy: EnergySection
  readonly unmeasured: readonly Unmeasured[]
}

/** The energy of one device over the window. */
interface Part {
  readonly channel: string
  readonly scope: Scope
  readonly grade: Grade
  readonly joules: number
  readonly low: number
  readonly high: number
  readonly n: number
  readonly caution?: string
}

export function analyseEnergy(measured: Measured, window: EnergyWindow): EnergyResult {
  const seconds = (window.to - window.from) / 1e9
  const all = seconds > 0 ? channelSeries(measured) : []
  const parts = measuredParts(all, window)
  const of = (...scopes: readonly Scope[]): readonly Part[] => parts.filter((part) => scopes.includes(part.scope))
  const packages = of('package')
  // DRAM is counted beside its package; alone it is not the CPU.
  const cpu = packages.length > 0 ? [...packages, ...of('dram')] : []
  const gpu = of('gpu')
  const system = of('system').length > 0 ? of('system') : of('psys')
  const model = modelRange(all, window)
  const cpuJoules = sumOf(cpu, 'package') ?? model
  const gpuJoules = sumOf(gpu, 'gpu')
  const systemJoules = sumOf(system, system[0]?.scope ?? 'system')
  const both = cpu.length > 0 && gpu.length > 0
  // An estimate never joins a total of better grades: with a measured GPU and an estimated CPU the total is the GPU's.
  const measuredTotal =
    systemJoules ?? (both ? sumOf([...cpu, ...gpu], 'package+gpu') : (sumOf(cpu, 'package') ?? gpuJoules))
  const total = measuredTotal ?? model
  const perSecond = (figure: Figure | undefined): Figure | null => (figure ? scaled(figure, 1 / seconds, 'W') : null)
  const power = { system_w: perSecond(systemJoules), cpu_w: perSecond(cpuJoules), gpu_w: perSecond(gpuJoules) }
  return {
    power,
    energy: {
      total_j: total ?? null,
      per_inference_j: total && window.inferences > 0 ? scaled(total, 1 / window.inferences, 'J') : null,
      inferences_per_watt: total && window.inferences > 0 ? inverse(total, window.inferences, '1/J') : null,
      flops_per_watt:
        total && window.flopsPerInference !== null && window.inferences > 0
          ? inverse(total, window.inferences * window.flopsPerInference, 'FLOP/J')
          : null,
      carbon_g: null,
      parts: (measuredTotal ? (systemJoules ? system : [...cpu, ...gpu]) : []).map((part) => ({
        channel: part.channel,
        scope: part.scope,
        joules: figureOf([part], part.scope),
      })),
    },
    unmeasured: missing(measured, power),
  }
}

/** One part a device and scope: its counter where it has one, else its power integrated. */
function measuredParts(all: readonly ChannelSeries[], window: EnergyWindow): readonly Part[] {
  const best = new Map<string, { readonly rank: number; readonly part: Part }>()
  for (const series of all) {
    const { channel } = series
    if (channel.check === true) continue
    if (channel.bound !== undefined || (channel.quantity !== 'energy' && channel.quantity !== 'power')) continue
    const counter = channel.quantity === 'energy'
    const amount = counter ? counterRise(series, window.from, window.to) : gaugeIntegral(series, window.from, window.to)
    // A counter that stands still while the machine works does not count; it has not measured zero.
    if (!amount || (counter && amount.value === 0)) continue
    const key = `${channel.scope}/${channel.device ?? ''}`
    const rank = counter ? 2 : channel.kind === 'gauge' ? 1 : 0
    if (rank <= (best.get(key)?.rank ?? -1)) continue
    best.set(key, { rank, part: partOf(series, amount) })
  }
  return [...best.values()].map(({ part }) => part)
}

// What no reading covers is taken to be like the rest, and may be nothing or twice as much: that much the interval widens.
function partOf({ channel }: ChannelSeries, amount: Amount): Part {
  const whole = amount.value / amount.coverage
  const gap = whole - amount.value
  const systematic = (channel.systematic ?? 0) * whole
  const half = amount.error + gap + systematic
  return {
    channel: channel.id,
    scope: channel.scope,
    grade: channel.grade ?? 'C',
    joules: whole,
    low: Math.max(0, whole - half),
    high: whole + half,
    n: amount.n,
    ...(amount.coverage < 0.98
      ? { caution: `readings cover ${Math.round(amount.coverage * 100)} % of the window` }
      : {}),
  }
}

const sumOf = (parts: readonly Part[], scope: string): Figure | undefined =>
  parts.length === 0 ? undefined : figureOf(parts, scope)

function figureOf(parts: readonly Part[], scope: string): Figure {
  const sum = (read: (part: Part) => number): number => parts.reduce((total, part) => total + read(part), 0)
  const cautions = parts.flatMap((part) => part.caution ?? [])
  return {
    value: sum((part) => part.joules),
    low: sum((part) => part.low),
    high: sum((part) => part.high),
    n: Math.min(...parts.map((part) => part.n)),
    unit: 'J',
    grade: parts
      .map((part) => part.grade)
      .sort()
      .at(-1)!,
    scope,
    basis: 'gross',
    source: parts.map((part) => part.channel).join(' + '),
    ...(cautions.length > 0 ? { caution: cautions[0]! } : {}),
  }
}

/** The estimate's range; no value. */
function modelRange(all: readonly ChannelSeries[], window: EnergyWindow): Figure | undefined {
  const rise = (bound: 'low' | 'high'): Amount | undefined => {
    const series = all.find(({ channel }) => channel.bound === bound)
    return series && counterRise(series, window.from, window.to)
  }
  const low = rise('low')
  const high = rise('high')
  if (!low || !high) return undefined
  return {
    value: null,
    low: low.value / low.coverage,
    high: high.value / high.coverage,
    n: Math.min(low.n, high.n),
    unit: 'J',
    grade: 'D',
    scope: 'package',
    basis: 'gross',
    source: 'model: CPU time × rated power',
    caution: 'an estimate; `tailwatt doctor` says how to measure',
  }
}

function scaled(figure: Figure, factor: number, unit: string): Figure {
  const times = (value: number | null): number | null => (value === null ? null : value * factor)
  return { ...figure, value: times(figure.value), low: times(figure.low), high: times(figure.high), unit }
}

/** `amount` per joule: the ends of the interval change places. */
function inverse(figure: Figure, amount: number, unit: string): Figure {
  const over = (value: number | null): number | null => (value === null || value <= 0 ? null : amount / value)
  return { ...figure, value: over(figure.value), low: over(figure.high), high: over(figure.low), unit }
}

function missing(measured: Measured, power: PowerSection): readonly Unmeasured[] {
  const told = new Set(measured.manifest.unmeasured.map((row) => row.what))
  const rows: Unmeasured[] = [
    {
      what: 'carbon_g',
      reason: 'the carbon intensity of this host’s grid is not known',
      remedy: 'multiply the joules by your grid’s g/kWh and divide by 3.6 million',
    },
  ]
  if (power.system_w === null)
    rows.push({
      what: 'system_w',
      reason: 'no external meter and no platform counter (psys) was read',
      remedy: 'use a host whose RAPL has the psys domain, or an external meter',
    })
  const late = 'its sensor gave no reading within the window'
  if (power.cpu_w === null && !told.has('cpu_w'))
    rows.push({ what: 'cpu_w', reason: late, remedy: 'run longer, or see `tailwatt doctor`' })
  if (power.gpu_w === null && !told.has('gpu_w'))
    rows.push({ what: 'gpu_w', reason: late, remedy: 'run longer, or see `tailwatt doctor`' })
  return rows
}
