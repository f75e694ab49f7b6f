// Charts that are redrawn while a run goes on: lines, stacked areas and the band of an estimate over the time so far. A
// point is `undefined` where nothing was measured: the line is broken there, never bridged and never 0.
import type { Html } from '../base/html.ts'
import { frame, height, legend, plot, width } from './frame.ts'
import { extent, linear, logarithmic } from './scales.ts'
import { band, circle, drawing, hatch, label, polyline, rect } from './svg.ts'

export type Values = readonly (number | undefined)[]

export interface LiveChart {
  readonly id: string
  readonly title: string
  /** What it shows, with its latest number. */
  readonly description: string
  /** Seconds since the load began, ascending; every series has as many values. */
  readonly at: readonly number[]
  /** The end of the time axis where it is known beforehand, s. */
  readonly until?: number
  readonly y: { readonly name: string; readonly format: (value: number) => string; readonly logarithmic?: boolean }
  readonly lines?: readonly { readonly name: string; readonly values: Values; readonly className: string }[]
  readonly dots?: { readonly name: string; readonly values: Values }
  /** From the bottom up; what belongs to nothing that was measured is hatched. */
  readonly areas?: readonly {
    readonly name: string
    readonly values: Values
    readonly className: string
    readonly hatched?: boolean
  }[]
  /** Between two lines; not stacked on anything. */
  readonly range?: { readonly name: string; readonly low: Values; readonly high: Values }
}

/** `undefined` while there are fewer than two moments with any value. */
export function liveChart(chart: LiveChart): Html | undefined {
  const { at, areas = [], lines = [], dots, range } = chart
  const stacked = stack(
    areas.map(({ values }) => values),
    at.length,
  )
  const shown = [
    ...lines.map(({ values }) => values),
    dots?.values ?? [],
    ...stacked.map(({ top }) => top),
    range?.high ?? [],
  ]
    .flatMap((values) => values.filter((value) => value !== undefined))
    .filter(Number.isFinite)
  if (shown.length < 2 || at.length < 2) return undefined
  const [least, most] = extent(shown)!
  const x = linear(0, Math.max(chart.until ?? 0, at.at(-1)!), plot.left, plot.right, 8)
  const top = plot.top + 24
  const y = chart.y.logarithmic
    ? logarithmic(least * 0.9, most, plot.bottom, top)
    : linear(0, most || 1, plot.bottom, top)
  const points = (values: Values): (readonly [number, number] | undefined)[] =>
    at.map((t, i) => (values[i] === undefined ? undefined : ([x(t), y(values[i]!)] as const)))
  const entries = [
    ...lines.map(({ name, className }) => [name, className] as const),
    ...(dots ? [[dots.name, 'dot-key'] as const] : []),
    ...(range ? [[range.name, 'estimate-key'] as const] : []),
  ]
  const pattern = `hatch-${chart.id}`
  const fill = `url(#${pattern})`
  const { id, title, description } = chart
  return drawing(
    { id, width, height, title, description },
    areas.some(({ hatched }) => hatched) ? hatch(pattern) : undefined,
    frame(
      { scale: x, name: 'time', format: (value) => `${Number(value.toPrecision(3))} s` },
      { scale: y, name: chart.y.name, format: chart.y.format },
    ),
    ...(range
      ? runs(at, range.low, range.high).map((run) =>
          band(
            run.map(([t, a, b]) => [x(t), y(a), y(b)] as const),
            'estimate',
          ),
        )
      : []),
    ...areas.flatMap(({ className, hatched }, i) =>
      runs(at, stacked[i]!.bottom, stacked[i]!.top).map((run) =>
        band(
          run.map(([t, a, b]) => [x(t), y(a), y(b)] as const),
          className,
          hatched ? fill : undefined,
        ),
      ),
    ),
    ...(dots ? points(dots.values).map((point) => (point ? circle(point[0], point[1], 1.6, 'dot') : undefined)) : []),
    ...lines.map(({ values, className }) => polyline(points(values), className)),
    legend(entries),
    swatches(areas, fill, plot.left + 10 + entries.reduce((sum, [name]) => sum + 34 + name.length * 6.4, 0)),
  )
}

/** Coloured squares with names, in the order of the areas. */
function swatches(areas: NonNullable<LiveChart['areas']>, fill: string, from: number): (Html | undefined)[] {
  let x = from
  return areas.flatMap(({ name, className, hatched }) => {
    const drawn = [
      rect({ x, y: plot.top + 2, width: 12, height: 12 }, className, hatched ? fill : undefined),
      label(x + 18, plot.top + 12, name, { class: 'tick' }),
    ]
    x += 32 + name.length * 6.4
    return drawn
  })
}

/** Each series on those below it. Where one has no value, those above it have none either: their height is not known. */
function stack(
  series: readonly Values[],
  length: number,
): readonly { readonly bottom: Values; readonly top: Values }[] {
  let below: Values = Array.from({ length }, () => 0)
  return series.map((values) => {
    const bottom = below
    const top = Array.from({ length }, (_, i) => {
      const [a, b] = [bottom[i], values[i]]
      return a === undefined || b === undefined ? undefined : a + b
    })
    below = top
    return { bottom, top }
  })
}

/** Stretches of time in which both edges are known. */
function runs(at: readonly number[], low: Values, high: Values): (readonly [number, number, number])[][] {
  const all: (readonly [number, number, number])[][] = []
  let open: (readonly [number, number, number])[] | undefined
  at.forEach((t, i) => {
    const [a, b] = [low[i], high[i]]
    if (a === undefined || b === undefined) open = undefined
    else {
      if (!open) all.push((open = []))
      open.push([t, a, b])
    }
  })
  return all.filter((run) => run.length > 1)
}
