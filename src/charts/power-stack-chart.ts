// Power over the run, stacked: the idle base, what each device drew above it, and up to the line of the outermost meter what
// belongs to none of them, hatched. What is not known is left blank; an estimate is a band beside the stack, not in it.
import type { Html } from '../base/html.ts'
import type { PowerStack } from '../analysis/energy/power-stack.ts'
import { deviceName } from '../analysis/channels/device-name.ts'
import type { Channel } from '../run/channel.ts'
import { formatFixed, formatNumber } from '../units/quantity.ts'
import type { Chart } from './chart.ts'
import { frame, type Area } from './frame.ts'
import { exact, extent, linear, type Scale } from './scales.ts'
import { description, fills, hasRest, keysOf, outerName, type PowerKey } from './power-stack-key.ts'
import { inSizes, type Size } from './sizes.ts'
import { band, drawing, hatch, label, line, polyline, rect } from './svg.ts'

/** What is drawn in one place of the page. */
type Marks = readonly (Html | undefined)[]

type Values = readonly (number | undefined)[]

export interface PowerStackChart extends Chart {
  readonly keys: readonly PowerKey[]
}

interface Areas {
  readonly base: Values | undefined
  readonly above: readonly Values[]
  readonly sum: Values
}

export function powerStackChart(stack: PowerStack, gpus: readonly { name: string; uuid: string }[]): PowerStackChart {
  const areas = areasOf(stack)
  const name = (channel: Channel): string => deviceName(channel, gpus)
  const seconds = stack.window.to - stack.window.from
  const described = description(stack, name, seconds)
  const title = stack.layers.length === 0 && !stack.outer ? 'Power over time (estimate)' : 'Power over time'
  const at = centres(stack.edges)
  return {
    id: 'power',
    title,
    description: described,
    svg: inSizes((size) => draw(stack, areas, size, title, described)),
    keys: keysOf(stack, name, seconds),
    table: {
      head: [
        'time',
        'phase',
        ...stack.layers.map(({ channel }) => name(channel)),
        ...(stack.outer ? [outerName(stack), 'unattributed'] : []),
        ...(stack.estimate ? ['estimate of the CPU (grade D)'] : []),
      ],
      rows: thinned(at, 24).map(([t, i]) => [
        `${formatFixed(t, 1)} s`,
        stack.phases.find(({ from, to }) => t >= from && t <= to)?.name ?? '–',
        ...stack.layers.map(({ watts }) => watt(watts[i])),
        ...(stack.outer ? [watt(stack.outer.watts[i]), watt(rest(stack.outer.watts[i], areas.sum[i]))] : []),
        ...(stack.estimate ? [`${watt(stack.estimate.low[i])} … ${watt(stack.estimate.high[i])}`] : []),
      ]),
    },
  }
}

const watt = (value: number | undefined): string => (value === undefined ? 'no reading' : `${formatNumber(value)} W`)
const rest = (outer: number | undefined, sum: number | undefined): number | undefined =>
  outer === undefined || sum === undefined ? undefined : outer - sum
const centres = (edges: readonly number[]): readonly number[] => edges.slice(1).map((to, i) => (edges[i]! + to) / 2)
const thinned = (at: readonly number[], most: number): readonly (readonly [number, number])[] =>
  at.map((t, i) => [t, i] as const).filter(([, i]) => i % Math.ceil(at.length / most) === 0)

/** Idle first, where every layer's is known; above it each device. What is below idle for a moment is taken from the base. */
function areasOf({ layers, edges }: PowerStack): Areas {
  const moments = Array.from({ length: edges.length - 1 }, (_, i) => i)
  const known = moments.map((i) => layers.every(({ watts }) => watts[i] !== undefined))
  const whole = layers.length > 0 && layers.every(({ idle }) => idle !== undefined)
  const idleOf = (layer: PowerStack['layers'][number], i: number): number =>
    whole ? Math.min(layer.idle!, layer.watts[i]!) : 0
  const total = (read: (layer: PowerStack['layers'][number], i: number) => number): Values =>
    moments.map((i) => (known[i] ? layers.reduce((sum, layer) => sum + read(layer, i), 0) : undefined))
  return {
    base: whole ? total(idleOf) : undefined,
    above: layers.map((layer) => moments.map((i) => (known[i] ? layer.watts[i]! - idleOf(layer, i) : undefined))),
    // With no layer at all everything the meter shows is unattributed.
    sum: total(({ watts }, i) => watts[i]!),
  }
}

const areaOf = ({ name, width }: Size): Area => {
  const height = name === 'wide' ? 320 : name === 'mid' ? 290 : 250
  return {
    width,
    height,
    plot: { left: name === 'narrow' ? 52 : 68, right: width - 12, top: 34, bottom: height - 42 },
  }
}

function draw(stack: PowerStack, areas: Areas, size: Size, title: string, description: string): Html {
  const area = areaOf(size)
  const { plot } = area
  const at = centres(stack.edges)
  const bottom = areas.base ?? at.map(() => 0)
  const stacked = stackedOn(bottom, areas.above)
  const all = [areas.sum, stack.outer?.watts ?? [], stack.estimate?.high ?? []].flat()
  const x = exact(stack.edges[0]!, stack.edges.at(-1)!, plot.left, plot.right, size.name === 'narrow' ? 4 : 8)
  const [, most] = extent([...all, 1])!
  const y = linear(0, most, plot.bottom, plot.top)
  const filled = (low: Values, high: Values, className: string, fill?: string): Marks =>
    stretches(at, low, high).map((run) =>
      band(
        run.map(([t, a, b]) => [x(t), y(a), y(b)] as const),
        className,
        fill,
      ),
    )
  const pattern = `hatch-${size.name}`
  const top = areas.sum
  const above = stack.outer?.watts.map((w, i) =>
    w === undefined || top[i] === undefined ? undefined : Math.max(w, top[i]!),
  )
  return drawing(
    { id: `power-${size.name}`, width: area.width, height: area.height, title, description },
    hatch(pattern),
    phaseMarks(stack, x, area),
    frame(
      { scale: x, name: 'time since the load began', format: (value) => `${Number(value.toPrecision(3))} s` },
      {
        scale: y,
        name: size.name === 'narrow' ? '' : 'power',
        format: (value) => `${value < 1000 ? Number(value.toPrecision(3)) : formatNumber(value)} W`,
      },
      area,
    ),
    areas.base
      ? filled(
          at.map(() => 0),
          areas.base,
          'res-idle',
        )
      : undefined,
    ...stacked.map(({ low, high }, i) =>
      filled(low, high, `${fills[stack.layers[i]!.channel.scope] ?? 'res-other'} layer`),
    ),
    above && hasRest(stack) ? filled(top, above, 'unattributed', `url(#${pattern})`) : undefined,
    stack.outer
      ? polyline(
          at.map((t, i) => (stack.outer!.watts[i] === undefined ? undefined : [x(t), y(stack.outer!.watts[i]!)])),
          'outer',
        )
      : undefined,
    stack.estimate ? filled(stack.estimate.low, stack.estimate.high, 'estimate') : undefined,
    windowMarks(stack, x, area),
    gapMarks(stack, x, area),
  )
}

function stackedOn(base: Values, above: readonly Values[]): readonly { readonly low: Values; readonly high: Values }[] {
  let low = base
  return above.map((values) => {
    const high = values.map((value, i) => (value === undefined || low[i] === undefined ? undefined : value + low[i]!))
    const layer = { low, high }
    low = high
    return layer
  })
}

/** Stretches in which both edges are known. */
function stretches(
  at: readonly number[],
  low: Values,
  high: Values,
): readonly (readonly (readonly [number, number, number])[])[] {
  const all: (readonly [number, number, number])[][] = [[]]
  at.forEach((t, i) => {
    const [a, b] = [low[i], high[i]]
    if (a === undefined || b === undefined) all.push([])
    else all.at(-1)!.push([t, a, b])
  })
  return all.filter((run) => run.length > 1)
}

/** A shade under the idle phases, and the name of each phase above the plot where it has room. */
const phaseMarks = ({ phases }: PowerStack, x: Scale, { plot }: Area): Marks =>
  phases.flatMap(({ name, from, to }) => {
    const [left, right] = [x(from), x(to)]
    return [
      name === 'idle'
        ? rect({ x: left, y: plot.top, width: right - left, height: plot.bottom - plot.top }, 'cut')
        : undefined,
      right - left > name.length * 6.2
        ? label((left + right) / 2, plot.top - 20, name, { class: 'tick', 'text-anchor': 'middle' })
        : undefined,
      line(left + 1, plot.top - 16, right - 1, plot.top - 16, `phase ${name === 'load' ? 'phase-load' : ''}`),
    ]
  })

function windowMarks({ window }: PowerStack, x: Scale, { plot }: Area): Marks {
  const [left, right] = [x(window.from), x(window.to)]
  return [
    line(left, plot.top - 6, left, plot.bottom, 'mark'),
    line(right, plot.top - 6, right, plot.bottom, 'mark'),
    line(left, plot.top - 6, right, plot.top - 6, 'mark'),
  ]
}

/** A bar on the axis where a channel gave nothing. */
function gapMarks({ gaps, edges }: PowerStack, x: Scale, { plot }: Area): Marks {
  const [first, last] = [edges[0]!, edges.at(-1)!]
  return gaps.flatMap(({ from, to }) => {
    const [left, right] = [x(Math.max(from, first)), x(Math.min(to, last))]
    return [
      rect({ x: left, y: plot.bottom - 3, width: Math.max(2, right - left), height: 6 }, 'gap'),
      right - left > 24
        ? label((left + right) / 2, plot.bottom - 8, 'gap', { class: 'tick', 'text-anchor': 'middle' })
        : undefined,
    ]
  })
}
