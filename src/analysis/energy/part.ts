// The energy that one channel gives for a window, with its two uncertainties apart.
import { type Channel, measuresPower } from '../../run/channel.ts'
import type { Caution } from '../../run/caution.ts'
import type { SensorCharacter } from '../../run/sections/energy.ts'
import type { ChannelSeries } from '../channels/channel-series.ts'
import { aliases, partialViewOf, type LoadCycle } from './aliasing.ts'
import type { Amount, SensorTiming } from './amount.ts'
import { usualDistance } from '../channels/usual-distance.ts'
import { counterEnergy } from './counter-energy.ts'
import { gaugeEnergy } from './gauge-energy.ts'
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
  readonly cautions: readonly Caution[]
}

export interface PartContext {
  readonly characters: ReadonlyMap<string, SensorCharacter>
  readonly gaps: readonly Interval[]
  /** See {@link SensorTiming}. */
  readonly burst?: Interval
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
    if (!measuresPower(series.channel)) return []
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
function aliasing(channel: Channel, { characters, cycle }: PartContext): readonly Caution[] {
  const view = partialViewOf(channel, characters.get(channel.id))
  if (!view || !cycle || !aliases(view, cycle)) return []
  const ms = (value: number): string => `${Number(value.toPrecision(3))} ms`
  const text = `${channel.id} sees ${ms(view.window)} of every ${ms(view.period)} and the load repeats every ${ms(cycle.cycle)}: what it does not see the interval does not cover (--arrivals poisson)`
  return [{ code: 'aliasing', text }]
}

/** How a channel's readings are to be taken, from what is known and what was seen of its sensor. */
export function timingOf(series: ChannelSeries, { characters, gaps, burst, rhythm }: PartContext): SensorTiming {
  const { channel } = series
  const character = characters.get(channel.id)
  const seen = character?.period_ms ?? undefined
  const declared = channel.period_ms
  // A quiet gauge seems slower than it is; a counter shows its updates.
  const period =
    seen === undefined || (channel.quantity === 'power' && declared !== undefined && declared < seen)
      ? (declared ?? usualDistance(series.t, burst) / 1e6)
      : seen
  return {
    period: period * 1e6,
    window: (channel.window_ms ?? character?.window_ms ?? 0) * 1e6,
    ...(rhythm === undefined ? {} : { rhythm }),
    gaps,
    ...(burst === undefined ? {} : { burst }),
  }
}

/** Readings that were not taken in this run. */
const notMeasured: Readonly<Record<NonNullable<Channel['origin']>, string>> = {
  replayed: 'replayed from a recording, not measured in this run',
  synthetic: 'synthetic, not measured',
}

// What no reading covers is taken to be like the rest, and may be nothing or twice as much: that much the interval widens.
export function partOf(channel: Channel, amount: Amount, seconds: number, timing: SensorTiming): Part {
  const share = channel.systematic ?? 0
  const n = amount.n
  if (amount.belowResolution) {
    const [low, high] = amount.bounds
    const least = (2 * Math.max(timing.period, timing.window)) / 1e9
    const text = `below resolution: ${seconds < 0.1 ? `${Math.round(seconds * 1e3)} ms` : `${seconds.toFixed(1)} s`} is too short for ${channel.id}, which needs ${Number(least.toPrecision(2))} s or more; run longer (--for)`
    return {
      channel,
      joules: null,
      statistical: Number.NaN,
      systematic: Number.NaN,
      low: Math.max(0, low * (1 - share)),
      high: high * (1 + share),
      n,
      cautions: [{ code: 'below-resolution', text }],
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
    cautions: cautionsOf(channel, amount, timing),
  }
}

function cautionsOf({ id, origin }: Channel, { coverage }: Amount, { gaps }: SensorTiming): readonly Caution[] {
  const cautions: Caution[] = []
  if (origin !== undefined) cautions.push({ code: origin, text: notMeasured[origin] })
  if (coverage < 0.98) {
    const text = `readings of ${id} cover ${Math.round(coverage * 100)} % of the window`
    cautions.push({ code: 'partly-covered', text })
  }
  if (gaps.length > 0) cautions.push({ code: 'suspended', text: 'the host was suspended during the run' })
  return cautions
}
