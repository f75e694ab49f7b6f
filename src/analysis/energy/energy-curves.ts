// The energy curves of all channels that measure or estimate power, as joules between two moments. Which channel counts for
// a device is decided once for all windows, so that windows add up.
import { EnergyCurve, type CurveEdge } from './energy-curve.ts'
import { balanceOfParts } from './balance.ts'
import type { Amount } from './amount.ts'
import { estimated } from './figures.ts'
import { partOf, type Part } from './part.ts'
import { countedOnce, placeOf, rankOf } from './double-counting.ts'
import { measuresPower, type Channel } from '../../run/channel.ts'
import type { Figure } from '../../run/figure.ts'
import type { SampleChunk } from '../../run/table.ts'
import type { WindowEnergy } from './window.ts'

/** A counter that changes less often than this leaves a device to its watts, ns: meters that count whole watt-hours. */
const coarse = 5e9

/** One end of a window, on each curve. */
export type Edges = readonly (CurveEdge | undefined)[]

export class EnergyCurves {
  readonly #channels: readonly Channel[]
  readonly #curves: readonly (EnergyCurve | undefined)[]
  readonly #curveOf: ReadonlyMap<Channel, EnergyCurve>
  readonly #poll: number
  /** Places that are left to their watts, for good. */
  readonly #coarse = new Set<string>()
  /** Whether a GPU was once certainly beside the platform counter: then it always is. */
  #beside = false

  /** @param poll ns between readings of a polled sensor */
  constructor(channels: readonly Channel[], poll: number) {
    this.#channels = channels
    this.#poll = poll
    this.#curves = channels.map((channel) => (isEnergy(channel) ? new EnergyCurve(channel, poll) : undefined))
    this.#curveOf = new Map(this.#curves.flatMap((curve, index) => (curve ? [[channels[index]!, curve] as const] : [])))
  }

  get bytes(): number {
    return this.#curves.reduce((sum, curve) => sum + (curve?.bytes ?? 0), 0)
  }

  /** Whether a channel has a curve: its readings need no other place. */
  has(index: number): boolean {
    return this.#curves[index] !== undefined
  }

  add(chunk: SampleChunk): void {
    for (let i = 0; i < chunk.length; i++) {
      this.#curves[chunk.channel[i]!]?.add(chunk.t[i]!, chunk.value[i]!)
    }
  }

  edges(at: number): Edges {
    return this.#curves.map((curve) => curve?.edge(at))
  }

  /**
   * Whether every curve that still grows is final at `at`. One that has not for three of its steps is not waited for, nor one
   * whose steps are longer than `patience` ns.
   */
  final(at: number, newest: number, patience: number): boolean {
    return this.#curves.every((curve) => {
      if (!curve || curve.final >= at) return true
      const spacing = Math.max(curve.spacing, this.#poll)
      return spacing > patience || newest - curve.final > 3 * spacing
    })
  }

  /** ns between points of the slowest curve that a figure rests on. */
  spacing(figure: Figure | null): number {
    const sources = new Set(figure?.sources)
    return this.#curves.reduce(
      (slowest, curve) => (curve && sources.has(curve.channel.id) ? Math.max(slowest, curve.spacing) : slowest),
      0,
    )
  }

  /** @param only channels that count; all when left out */
  between(from: Edges, to: Edges, seconds: number, only?: (channel: Channel) => boolean): WindowEnergy {
    if (!(seconds > 0)) return { seconds: 0, total: null, system: null, cpu: null, gpu: null }
    const amounts = this.#curves.map((curve, index) => {
      const [a, b] = [from[index], to[index]]
      return curve && a && b && only?.(curve.channel) !== false ? curve.between(a, b) : undefined
    })
    return this.#balanced(amounts, seconds, only === undefined)
  }

  /** What a second costs now, so J are W: each channel as of its latest readings; see `EnergyCurve.lastSecond`. */
  lastSecond(now: number): WindowEnergy {
    return this.#balanced(
      this.#curves.map((curve) => curve?.lastSecond(now)),
      1,
      true,
    )
  }

  #balanced(amounts: readonly (Amount | undefined)[], seconds: number, all: boolean): WindowEnergy {
    const every = this.#curves.flatMap((curve, index): Part[] => {
      const amount = amounts[index]
      if (!curve || !amount || !measuresPower(curve.channel)) return []
      const timing = { period: curve.period, window: (curve.channel.window_ms ?? 0) * 1e6, gaps: [] }
      return [partOf(curve.channel, amount, seconds, timing)]
    })
    const balance = balanceOfParts(every, this.#counted(every), this.#beside)
    this.#beside ||= all && balance.platform.some(({ channel }) => channel.scope === 'gpu')
    const model = this.#model(amounts)
    return {
      seconds,
      total: balance.total ?? model ?? null,
      system: balance.system ?? null,
      cpu: balance.cpu ?? model ?? null,
      gpu: balance.gpu ?? null,
    }
  }

  // By what the channels are and not by what they say of the window: the choice stays, so windows add up.
  #counted(every: readonly Part[]): readonly Part[] {
    const withWatts = new Set(
      every.flatMap(({ channel }) =>
        channel.quantity === 'power' && channel.check !== true ? [placeOf(channel)] : [],
      ),
    )
    const ranks = new Map(every.map(({ channel }) => [channel, this.#rank(channel, withWatts)]))
    return countedOnce(every, {
      better: (a, b) => ranks.get(a.channel)! > ranks.get(b.channel)!,
      total: ({ channel }) => (channel.quantity === 'energy' ? this.#curveOf.get(channel)!.rise : null),
    })
  }

  #rank(channel: Channel, withWatts: ReadonlySet<string>): number {
    const place = placeOf(channel)
    const left = channel.quantity === 'energy' && withWatts.has(place)
    if (left && this.#curveOf.get(channel)!.spacing > coarse) this.#coarse.add(place)
    return left && this.#coarse.has(place) ? -1 : rankOf(channel)
  }

  #model(amounts: readonly (Amount | undefined)[]): Figure | undefined {
    const of = (bound: 'low' | 'high'): Amount | undefined =>
      amounts.find((amount, index) => amount && this.#channels[index]!.bound === bound)
    const [low, high] = [of('low'), of('high')]
    return low && high && estimated(low.joules, high.joules, Math.min(low.n, high.n))
  }
}

const isEnergy = (channel: Channel): boolean =>
  measuresPower(channel) || (channel.quantity === 'energy' && channel.bound !== undefined)
