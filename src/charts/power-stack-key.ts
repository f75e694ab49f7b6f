// What the power chart says in words and numbers: a row for each colour, and the sentence below the drawing.
import type { PowerStack } from '../analysis/energy/power-stack.ts'
import type { Channel } from '../run/channel.ts'
import type { Figure } from '../run/figure.ts'
import { formatNumber } from '../units/quantity.ts'

type Values = readonly (number | undefined)[]

/** One row of the key: what a colour stands for, with what it drew in the measured window. */
export interface PowerKey {
  readonly name: string
  readonly className: string
  readonly joules: Figure | undefined
  /** W. */
  readonly mean: number | undefined
  /** Ends of an estimate's mean, W. */
  readonly range?: readonly [number, number]
  /** W without the load. */
  readonly idle?: number | undefined
}

export const fills: Readonly<Partial<Record<Channel['scope'], string>>> = {
  package: 'res-cpu',
  dram: 'res-dram',
  module: 'res-gpu',
  gpu: 'res-gpu',
}
const outerNames: Readonly<Record<string, string>> = { wall: 'wall', system: 'system', psys: 'platform (psys)' }
export const outerName = ({ outer }: PowerStack): string =>
  outerNames[outer!.channels[0]!.scope] ?? outer!.channels[0]!.scope

export function keysOf(stack: PowerStack, name: (channel: Channel) => string, seconds: number): readonly PowerKey[] {
  const mean = (joules: Figure | undefined): number | undefined =>
    joules?.value === undefined || joules.value === null || !(seconds > 0) ? undefined : joules.value / seconds
  const idle = stack.layers.every((layer) => layer.idle !== undefined)
    ? stack.layers.reduce((sum, layer) => sum + layer.idle!, 0)
    : undefined
  const unattributed = stack.layers.length === 0 ? stack.outer?.joules : stack.unattributed
  return [
    ...(stack.outer
      ? [
          {
            name: outerName(stack),
            className: 'outer-key',
            joules: stack.outer.joules,
            mean: mean(stack.outer.joules),
            idle: stack.outer.idle,
          },
        ]
      : []),
    ...(stack.outer && hasRest(stack)
      ? [{ name: 'unattributed', className: 'hatch-key', joules: withoutGrade(unattributed), mean: mean(unattributed) }]
      : []),
    ...[...stack.layers].reverse().map(({ channel, joules, idle: own }) => ({
      name: name(channel),
      className: fills[channel.scope] ?? 'res-other',
      joules,
      mean: mean(joules),
      idle: own,
    })),
    ...(stack.layers.length > 0 && idle !== undefined
      ? [{ name: 'idle base of these devices', className: 'res-idle', joules: undefined, mean: idle }]
      : []),
    ...(stack.estimate
      ? [
          {
            name: 'estimate of the CPU, grade D',
            className: 'estimate',
            joules: undefined,
            mean: undefined,
            ...rangeOf(stack),
          },
        ]
      : []),
  ]
}

/** What belongs to nothing was measured by nothing. */
function withoutGrade(figure: Figure | undefined): Figure | undefined {
  if (!figure) return undefined
  const { grade: _, ...rest } = figure
  return rest
}

/** Means over the intervals that lie in the measured window. */
function rangeOf({ estimate, edges, window }: PowerStack): Pick<PowerKey, 'range'> {
  const mean = (watts: Values): number => {
    const known = watts.filter((w, i) => w !== undefined && edges[i]! >= window.from && edges[i + 1]! <= window.to)
    return known.reduce<number>((sum, w) => sum + w!, 0) / known.length
  }
  const range = estimate ? ([mean(estimate.low), mean(estimate.high)] as const) : undefined
  return range && range.every(Number.isFinite) ? { range } : {}
}

/** Whether anywhere the meter shows more than the devices. */
export function hasRest({ outer, layers }: PowerStack): boolean {
  if (!outer) return false
  return outer.watts.some((watts, i) => {
    const sum = layers.reduce<number | undefined>((total, layer) => {
      const own = layer.watts[i]
      return total === undefined || own === undefined ? undefined : total + own
    }, 0)
    return watts !== undefined && sum !== undefined && watts > sum
  })
}

export function description(stack: PowerStack, name: (channel: Channel) => string, seconds: number): string {
  const { layers, outer, unattributed, estimate, gaps } = stack
  const mean = ({ value }: Figure): string => (value === null ? 'not known' : `${formatNumber(value / seconds)} W`)
  const devices = layers.map(({ channel, joules }) => `${name(channel)} ${mean(joules)}`).join(', ')
  const missing = gaps.reduce((sum, { from, to }) => sum + to - from, 0)
  return [
    outer ? `In the measured window the ${outerName(stack)} shows ${mean(outer.joules)} in the mean.` : '',
    devices === '' ? '' : `${outer ? 'Of it' : 'In the measured window'}: ${devices}.`,
    outer && layers.length === 0 ? 'No device was measured, so all of it is unattributed.' : '',
    unattributed && unattributed.value !== null && seconds > 0
      ? unattributed.low !== null && unattributed.low > 0
        ? `Hatched: ${formatNumber(unattributed.value / seconds)} W (${formatNumber(unattributed.low / seconds)} … ${formatNumber(unattributed.high! / seconds)}) that no device shows.`
        : `The difference of ${formatNumber(unattributed.value / seconds)} W lies within the intervals of the readings.`
      : '',
    estimate
      ? 'The CPU’s power is an estimate (grade D), drawn as a band between its ends. It is not measured and not in the stack.'
      : '',
    gaps.length > 0
      ? `Without a reading for ${formatNumber(missing)} s (${gapNames(stack)}); a counter’s mean is drawn there.`
      : '',
  ]
    .filter(Boolean)
    .join(' ')
}

const gapNames = ({ gaps }: PowerStack): string => [...new Set(gaps.map(({ channel }) => channel))].join(', ')
