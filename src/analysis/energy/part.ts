// The energy one channel gives for a window, with its two uncertainties apart, and which channel speaks for each device.
import type { SensorCharacter } from '../../run/document.ts'
import type { Channel } from '../../run/channel.ts'
import { isPowerSensor } from '../characterise.ts'
import type { ChannelSeries } from '../channel-series.ts'
import { median, type Amount, type SensorTiming } from './amount.ts'
import { counterEnergy } from './counter-energy.ts'
import { gaugeEnergy } from './gauge-energy.ts'
import { aliases, partialViewOf, type LoadCycle } from './aliasing.ts'
import type { Interval } from './suspends.ts'

export interface Part {
  readonly channel: Channel
  /** `null` where the window is too short for the sensor. */
  readonly joules: number | null
  /** NaN where there is no value. */
  readonly statistical: number
  readonly systematic: number
  readonly low: number
  readonly high: number
  readonly n: number
  readonly cautions: readonly string[]
}

export interface PartContext {
  readonly characters: ReadonlyMap<string, SensorCharacter>
  readonly gaps: readonly Interval[]
  /** ns; see {@link SensorTiming}. */
  readonly rhythm?: number
  /** How regularly the load repeats itself, where it is known. */
  readonly cycle?: LoadCycle
}

/** Every power and energy channel that says something about the window, estimates aside. */
export function partsOf(
  all: readonly ChannelSeries[],
  window: { readonly from: number; readonly to: number },
  context: PartContext,
): readonly Part[] {
  return all.flatMap((series) => {
    if (!isPowerSensor(series.channel)) return []
    const counter = series.channel.quantity === 'energy'
    const timing = timingOf(series, context)
    const amount = counter ? counterEnergy(series, window, timing) : gaugeEnergy(series, window, timing)
    // A counter that stands still while the machine works does not count; it has not measured zero.
    if (!amount || (counter && amount.joules === 0)) return []
    const part = partOf(series.channel, amount, (window.to - window.from) / 1e9, timing)
    return [{ ...part, cautions: [...part.cautions, ...aliasing(series.channel, context)] }]
  })
}

/** No reading shows it, so no interval holds it: it is said. */
function aliasing(channel: Channel, { characters, cycle }: PartContext): readonly string[] {
  const view = partialViewOf(channel, characters.get(channel.id))
  if (!view || !cycle || !aliases(view, cycle)) return []
  const ms = (value: number): string => `${Number(value.toPrecision(3))} ms`
  return [
    `${channel.id} sees ${ms(view.window)} of every ${ms(view.period)} and the load repeats every ${ms(cycle.cycle)}: what it does not see the interval does not cover (--arrivals poisson)`,
  ]
}

/** How a channel's readings are to be taken, from what is known and what was seen of its sensor. */
export function timingOf(series: ChannelSeries, { characters, gaps, rhythm }: PartContext): SensorTiming {
  const { channel } = series
  const character = characters.get(channel.id)
  const seen = character?.period_ms ?? undefined
  const declared = channel.period_ms
  // A quiet gauge seems slower than it is; a counter shows its updates.
  const period =
    seen === undefined || (channel.quantity === 'power' && declared !== undefined && declared < seen)
      ? (declared ?? character?.poll_ms ?? pollOf(series))
      : seen
  return {
    period: period * 1e6,
    window: (channel.window_ms ?? character?.window_ms ?? 0) * 1e6,
    ...(rhythm === undefined ? {} : { rhythm }),
    gaps,
  }
}

const pollOf = ({ t }: ChannelSeries): number => {
  const poll = median(Array.from(t.subarray(1), (at, i) => at - t[i]!)) / 1e6
  return Number.isFinite(poll) ? poll : 0
}

/** Sensors whose readings were not taken in this run. */
const notMeasured: Readonly<Record<string, string>> = {
  replay: 'replayed from a recording, not measured in this run',
  synthetic: 'synthetic, not measured',
}

// What no reading covers is taken to be like the rest, and may be nothing or twice as much: that much the interval widens.
export function partOf(channel: Channel, amount: Amount, seconds: number, timing: SensorTiming): Part {
  const share = channel.systematic ?? 0
  const n = amount.n
  if (amount.belowResolution) {
    const [low, high] = amount.bounds
    const least = (2 * Math.max(timing.period, timing.window)) / 1e9
    return {
      channel,
      joules: null,
      statistical: Number.NaN,
      systematic: Number.NaN,
      low: Math.max(0, low * (1 - share)),
      high: high * (1 + share),
      n,
      cautions: [
        `below resolution: ${seconds < 0.1 ? `${Math.round(seconds * 1e3)} ms` : `${seconds.toFixed(1)} s`} is too short for ${channel.id}, which needs ${Number(least.toPrecision(2))} s or more; run longer (--for)`,
      ],
    }
  }
  const joules = amount.bridged === undefined ? amount.joules / amount.coverage : amount.joules
  const statistical = amount.error + (amount.bridged ?? joules - amount.joules)
  const systematic = share * joules
  return {
    channel,
    joules,
    statistical,
    systematic,
    low: Math.max(0, joules - statistical - systematic),
    high: joules + statistical + systematic,
    n,
    cautions: [
      ...(notMeasured[channel.sensor] === undefined ? [] : [notMeasured[channel.sensor]!]),
      ...(amount.coverage < 0.98
        ? [`readings of ${channel.id} cover ${Math.round(amount.coverage * 100)} % of the window`]
        : []),
      ...(timing.gaps.length > 0 ? ['the host was suspended during the run'] : []),
    ],
  }
}

/**
 * One part a device and scope. Counters go before integrals, moments before averages; but a window too short for the one
 * is left to the other, and so is one over which the counter is the much less certain: a meter that counts whole
 * watt-hours says less about ten seconds than its watts do.
 */
export function bestParts(parts: readonly Part[]): readonly Part[] {
  const best = new Map<string, Part>()
  for (const part of parts) {
    if (part.channel.check === true) continue
    const key = `${part.channel.scope}/${part.channel.device ?? ''}`
    const other = best.get(key)
    if (!other || better(part, other)) best.set(key, part)
  }
  return withoutMirrors(oneSensor([...best.values()]))
}

/** Scopes of which a host has one set: what two sensors say of it is the same joules under two names. */
export const oneSet: ReadonlySet<string> = new Set(['system', 'psys', 'module', 'package', 'core', 'uncore', 'dram'])

function oneSensor(parts: readonly Part[]): readonly Part[] {
  const speaker = new Map<string, Part>()
  for (const part of parts) {
    const other = speaker.get(part.channel.scope)
    if (!other || (other.channel.sensor !== part.channel.sensor && better(part, other))) {
      speaker.set(part.channel.scope, part)
    }
  }
  return parts.filter(
    ({ channel }) => !oneSet.has(channel.scope) || speaker.get(channel.scope)!.channel.sensor === channel.sensor,
  )
}

function better(a: Part, b: Part): boolean {
  if ((a.joules === null) !== (b.joules === null)) return b.joules === null
  const rank = rankOf(a) - rankOf(b)
  if (rank === 0) return false
  const [higher, lower] = rank > 0 ? [a, b] : [b, a]
  const vague =
    higher.joules !== null &&
    higher.channel.quantity === 'energy' &&
    higher.statistical > 0.02 * higher.joules &&
    higher.high - higher.low > 2 * (lower.high - lower.low)
  return (vague ? lower : higher) === a
}

/** Counters before moments before averages. */
export const rankOf = ({ channel }: Pick<Part, 'channel'>): number =>
  channel.quantity === 'energy' ? 2 : channel.kind === 'gauge' ? 1 : 0

// Dies of one package may show the same counter each (Threadripper 1950X; codecarbon's notes on RAPL): equal to a millionth
// over a whole window is one counter, not two.
function withoutMirrors(parts: readonly Part[]): readonly Part[] {
  const shown = new Map<string, number[]>()
  return parts.filter((part) => {
    const base = dieOf(part)
    if (base === undefined) return true
    const others = shown.get(base) ?? []
    shown.set(base, others)
    if (others.some((joules) => Math.abs(joules - part.joules!) <= 1e-6 * part.joules!)) return false
    others.push(part.joules!)
    return true
  })
}

function dieOf({ channel, joules }: Part): string | undefined {
  const match = /^(package-\d+)-die-\d+$/.exec(channel.device ?? '')
  return match && channel.scope === 'package' && joules !== null ? match[1] : undefined
}

/**
 * Parts that lie in no other of them: by parent, and by module for the processor and the GPU on it. A module's meter that is
 * not their own sensor knows neither by name: whoever has such modules has no processor and no GPU beside them.
 */
export function outermost(parts: readonly Part[]): readonly Part[] {
  const ids = new Set(parts.map((part) => part.channel.id))
  const onAModule = moduleTest(parts.flatMap(({ channel }) => (channel.scope === 'module' ? [channel] : [])))
  return parts.filter(
    ({ channel }) => !(channel.parent !== undefined && ids.has(channel.parent)) && !onAModule(channel),
  )
}

/**
 * Whether a GPU or a processor is on one of these modules: it is known by its name, or a module's meter is another sensor's.
 */
export function moduleTest(modules: readonly Channel[]): (channel: Channel) => boolean {
  const devices = new Set(modules.map(({ device }) => device))
  const sensors = new Set(modules.map(({ sensor }) => sensor))
  const ofAnother = (sensor: string): boolean => sensors.size > 1 || (sensors.size === 1 && !sensors.has(sensor))
  return ({ scope, device, sensor }) =>
    scope === 'gpu'
      ? device !== undefined && (devices.has(device) || ofAnother(sensor))
      : (scope === 'package' || scope === 'dram') && ofAnother(sensor)
}
