// Energy figures from parts, and what one does to them: add, scale, invert, take idle away. The two uncertainties stay
// apart throughout.
import type { Figure } from '../../run/figure.ts'
import { withCautions } from '../../run/caution.ts'
import type { ChannelSeries } from '../channels/channel-series.ts'
import { placeOf } from './double-counting.ts'
import type { Part } from './part.ts'

/**
 * Sum of parts. Half-widths are added, not squared: parts share the edges of the window and often a maker, so their errors
 * need not be independent.
 */
export function sumOf(parts: readonly Part[], scope: string): Figure | undefined {
  if (parts.length === 0) return undefined
  const sum = (read: (part: Part) => number): number => parts.reduce((total, part) => total + read(part), 0)
  const known = parts.every((part) => part.joules !== null)
  const high = sum((part) => part.high)
  const figure: Figure = {
    value: known ? sum((part) => part.joules!) : null,
    low: sum((part) => part.low),
    high: Number.isFinite(high) ? high : null,
    n: Math.min(...parts.map((part) => part.n)),
    ...(known ? { statistical: sum((part) => part.statistical), systematic: sum((part) => part.systematic) } : {}),
    unit: 'J',
    grade: parts
      .map((part) => part.channel.grade ?? 'C')
      .sort()
      .at(-1)!,
    scope,
    basis: 'gross',
    sources: parts.map((part) => part.channel.id),
  }
  return withCautions(
    figure,
    parts.flatMap((part) => part.cautions),
  )
}

/** The model's range, J; no value. */
export const estimated = (low: number, high: number, n: number): Figure => ({
  value: null,
  low,
  high,
  n,
  unit: 'J',
  grade: 'D',
  scope: 'package',
  basis: 'gross',
  how: 'CPU time × rated power',
  cautions: [{ code: 'estimate', text: 'an estimate; `tailwatt doctor` says how to measure' }],
})

/**
 * Whether two figures were read from the same devices. A window too short for a counter is left to the watts of the same
 * device: another channel, the same joules.
 */
export function sameDevices(all: readonly ChannelSeries[], a: Figure | undefined, b: Figure | undefined): boolean {
  const devices = (figure: Figure | undefined): string =>
    (figure?.sources ?? [])
      .map((id) => {
        const { channel } = all.find((series) => series.channel.id === id)!
        return `${channel.sensor}/${placeOf(channel)}`
      })
      .join('\n')
  return a !== undefined && b !== undefined && devices(a) === devices(b)
}

export function scaled(figure: Figure, factor: number, unit: string): Figure {
  const times = (value: number | null): number | null => (value === null ? null : value * factor)
  return {
    ...figure,
    value: times(figure.value),
    low: times(figure.low),
    high: times(figure.high),
    ...(figure.statistical === undefined ? {} : { statistical: figure.statistical * factor }),
    ...(figure.systematic === undefined ? {} : { systematic: figure.systematic * factor }),
    unit,
  }
}

/** `amount` per joule: the ends of the interval change places; half-widths keep their share of the value. */
export function inverse(figure: Figure, amount: number, unit: string): Figure {
  const over = (value: number | null): number | null => (value === null || value <= 0 ? null : amount / value)
  const { statistical, systematic, ...rest } = figure
  const value = over(figure.value)
  const share = (half: number): number => (value! * half) / figure.value!
  return {
    ...rest,
    value,
    low: over(figure.high),
    high: over(figure.low),
    ...(value === null || statistical === undefined ? {} : { statistical: share(statistical) }),
    ...(value === null || systematic === undefined ? {} : { systematic: share(systematic) }),
    unit,
  }
}

/**
 * Energy above idle. A sensor's gain error is the same with and without load, so it keeps its share of what remains; the
 * statistical errors of the two windows are independent of each other.
 */
export function netOf(gross: Figure, idleWatts: Figure, seconds: number): Figure | null {
  if (gross.value === null || idleWatts.value === null) return null
  const value = gross.value - idleWatts.value * seconds
  const statistical = Math.hypot(gross.statistical ?? 0, (idleWatts.statistical ?? 0) * seconds)
  const systematic = gross.value === 0 ? 0 : ((gross.systematic ?? 0) / gross.value) * Math.abs(value)
  const net: Figure = {
    ...gross,
    value,
    low: value - statistical - systematic,
    high: value + statistical + systematic,
    statistical,
    systematic,
    basis: 'net',
  }
  return withCautions(net, [...(gross.cautions ?? []), ...(idleWatts.cautions ?? [])])
}

/**
 * What `whole` shows beyond `part`; `null` where a value is missing. The two are read by different sensors: statistical
 * errors are independent, so they are squared; systematic ones are bounds, so they are added. It may be negative.
 */
export function residualOf(part: Figure, whole: Figure): Figure | null {
  if (part.value === null || whole.value === null) return null
  const value = whole.value - part.value
  const statistical = Math.hypot(part.statistical ?? 0, whole.statistical ?? 0)
  const systematic = (part.systematic ?? 0) + (whole.systematic ?? 0)
  const half = statistical + systematic
  return {
    value,
    low: value - half,
    high: value + half,
    n: Math.min(part.n, whole.n),
    statistical,
    systematic,
    ...(whole.unit === undefined ? {} : { unit: whole.unit }),
    basis: 'gross',
    sources: [...(whole.sources ?? []), ...(part.sources ?? [])],
    how: 'difference',
  }
}
