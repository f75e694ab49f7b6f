// Power and energy over the measured window: counters before integrals before models, nothing counted twice, each figure
// with its grade. An estimate (grade D) stays a range and is never added to anything measured.
import type { Figure } from '../../run/figure.ts'
import type { EnergySection, PowerSection, SensorCharacter } from '../../run/sections/energy.ts'
import { cautionText } from '../../run/caution.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import type { RunEvent } from '../../run/event.ts'
import { burstOf } from '../channels/usual-distance.ts'
import { attribute } from './attribution.ts'
import type { ChannelSeries } from '../channels/channel-series.ts'
import { counterDelta, type CounterDelta } from '../channels/counter-delta.ts'
import { characterise } from '../channels/sensor-character.ts'
import { balanceOf } from './balance.ts'
import { chainOf } from './chain.ts'
import { crossChecks } from './cross-checks.ts'
import { estimated, inverse, netOf, sameDevices, scaled, sumOf } from './figures.ts'
import { idleOf, type Idle } from './idle.ts'
import type { LoadCycle } from './aliasing.ts'
import type { PartContext } from './part.ts'
import { suspends } from './suspends.ts'

/** What was read around the window, idle phases included. */
export interface EnergyReadings {
  readonly series: readonly ChannelSeries[]
  readonly events: readonly RunEvent[]
  /** Why sensors gave nothing. */
  readonly unmeasured: readonly Unmeasured[]
}

export interface EnergyWindow {
  /** ns since the epoch. */
  readonly from: number
  readonly to: number
  readonly inferences: number
  /** FLOPs of one inference; null when not known. */
  readonly flopsPerInference: number | null
  /** ns over which the load repeats itself: its longest gap between answers. */
  readonly rhythm?: number
  /** How regularly. */
  readonly cycle?: LoadCycle
}

export interface EnergyResult {
  readonly power: PowerSection
  /** Without what it means: see `impact.ts`. */
  readonly energy: Omit<EnergySection, 'carbon_g'>
  readonly sensors: readonly SensorCharacter[]
  readonly idle: Idle
  readonly unmeasured: readonly Unmeasured[]
}

export function analyseEnergy(readings: EnergyReadings, window: EnergyWindow): EnergyResult {
  const { events, unmeasured: told } = readings
  const seconds = (window.to - window.from) / 1e9
  const all = seconds > 0 ? readings.series : []
  const sensors = characterise(all, events)
  const context: PartContext = {
    characters: new Map(sensors.map((sensor) => [sensor.channel, sensor])),
    gaps: suspends(events),
    ...burstOf(events),
  }
  const load = {
    ...(window.rhythm === undefined ? {} : { rhythm: window.rhythm }),
    ...(window.cycle === undefined ? {} : { cycle: window.cycle }),
  }
  const balance = balanceOf(all, window, { ...context, ...load })
  const idle = idleOf(all, events, context)
  const model = modelRange(all, window)
  // An estimate never joins a total of better grades: with a measured GPU and an estimated CPU the total is the GPU's.
  const total = balance.total ?? model
  const cpu = balance.cpu ?? model
  const perSecond = (figure: Figure | undefined): Figure | null => (figure ? scaled(figure, 1 / seconds, 'W') : null)
  const power = { system_w: perSecond(balance.system), cpu_w: perSecond(cpu), gpu_w: perSecond(balance.gpu) }
  const perInference = (joules: Figure | null | undefined): Figure | null =>
    joules && window.inferences > 0 ? scaled(joules, 1 / window.inferences, 'J') : null
  // Idle of another set of devices is not the idle of this total.
  const idleTotal = sameDevices(all, idle.total, balance.total) ? idle.total : undefined
  const net = perInference(balance.total && idleTotal ? netOf(balance.total, idleTotal, seconds) : null)
  const attributed = attribute({ all, window, balance, idle })
  const absent = missing(told, power)
  return {
    power,
    energy: {
      total_j: total ?? null,
      per_inference_j: perInference(total),
      inferences_per_watt: total && window.inferences > 0 ? inverse(total, window.inferences, '1/J') : null,
      flops_per_watt:
        total && window.flopsPerInference !== null && window.inferences > 0
          ? inverse(total, window.inferences * window.flopsPerInference, 'FLOP/J')
          : null,
      parts: balance.totalParts.map((part) => ({
        channel: part.channel.id,
        scope: part.channel.scope,
        joules: sumOf([part], part.channel.scope)!,
      })),
      idle_w: idleTotal ?? null,
      net_per_inference_j: net,
      checks: crossChecks(balance, seconds),
      chain: chainOf({
        balance,
        model,
        attributed,
        perInference: { gross: perInference(total), net },
        seconds,
        inferences: window.inferences,
        told: [...told, ...absent],
      }),
      attributed,
    },
    sensors,
    idle,
    unmeasured: [
      ...absent,
      ...tooShort(power),
      ...idle.unmeasured,
      ...(balance.total && idle.total && !idleTotal ? [otherIdle(balance.total, idle.total)] : []),
    ],
  }
}

const otherIdle = (load: Figure, idle: Figure): Unmeasured => ({
  what: 'idle_w',
  reason: `idle was read from ${idsText(idle)}, the load from ${idsText(load)}: the one is not the idle of the other`,
  remedy: 'give the slowest of them time: a longer --idle',
})

const idsText = ({ sources = [] }: Figure): string => sources.join(' + ')

/** The estimate's range; no value. */
function modelRange(all: readonly ChannelSeries[], window: EnergyWindow): Figure | undefined {
  const rise = (bound: 'low' | 'high'): CounterDelta | undefined => {
    const series = all.find(({ channel }) => channel.bound === bound)
    return series && counterDelta(series, window.from, window.to)
  }
  const low = rise('low')
  const high = rise('high')
  if (!low || !high) return undefined
  const [least, most] = [low.value / low.coverage, high.value / high.coverage]
  // Garbage in one of them.
  return least <= most ? estimated(least, most, Math.min(low.n, high.n)) : undefined
}

function missing(unmeasured: readonly Unmeasured[], power: PowerSection): readonly Unmeasured[] {
  const told = new Set(unmeasured.map((row) => row.what))
  const rows: Unmeasured[] = []
  if (power.system_w === null && !told.has('system_w'))
    rows.push({
      what: 'system_w',
      reason: 'no external meter, no firmware’s or battery’s, and no platform counter (psys) was read',
      remedy:
        'use a meter (--sensors +shelly:ADDRESS), or a laptop on its battery; `tailwatt doctor` says why each is not',
    })
  const late = 'its sensor gave no reading within the window'
  if (power.cpu_w === null && !told.has('cpu_w'))
    rows.push({ what: 'cpu_w', reason: late, remedy: 'run longer, or see `tailwatt doctor`' })
  if (power.gpu_w === null && !told.has('gpu_w'))
    rows.push({ what: 'gpu_w', reason: late, remedy: 'run longer, or see `tailwatt doctor`' })
  return rows
}

/** A figure without a value that is no estimate: the window was too short for its sensor. */
function tooShort(power: PowerSection): readonly Unmeasured[] {
  return (['system_w', 'cpu_w', 'gpu_w'] as const).flatMap((what) => {
    const figure = power[what]
    if (!figure || figure.value !== null || figure.grade === 'D') return []
    return [
      {
        what,
        reason: cautionText(figure) ?? 'below the resolution of its sensor',
        remedy: 'run longer, such as --for 30s',
      },
    ]
  })
}
