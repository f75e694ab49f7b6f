// The frame of a chart with two axes: where the plot lies, grid lines, tick labels and axis names.
import { html, type Html } from '../base/html.ts'
import type { Scale } from './scales.ts'
import { label, line } from './svg.ts'

export const width = 640
export const height = 280
export const plot = { left: 62, right: 628, top: 12, bottom: 238 } as const

/** Where a drawing lies and its plot within it. */
export interface Area {
  readonly width: number
  readonly height: number
  readonly plot: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number }
}
const medium: Area = { width, height, plot }

export interface Axis {
  readonly scale: Scale
  /** Empty where there is no room for one. */
  readonly name: string
  readonly format: (value: number) => string
}

export function frame(x: Axis, y: Axis, { plot, height }: Area = medium): Html {
  const columns = sparse(x.scale, 46)
  const rows = sparse(y.scale, 18)
  return html`${[
    ...rows.map((tick) => line(plot.left, y.scale(tick), plot.right, y.scale(tick), 'grid')),
    ...rows.map((tick) =>
      label(plot.left - 8, y.scale(tick) + 4, y.format(tick), { class: 'tick', 'text-anchor': 'end' }),
    ),
    ...columns.map((tick) =>
      label(x.scale(tick), plot.bottom + 17, x.format(tick), { class: 'tick', 'text-anchor': 'middle' }),
    ),
    line(plot.left, plot.bottom, plot.right, plot.bottom, 'axis'),
    label((plot.left + plot.right) / 2, height - 6, x.name, { class: 'name', 'text-anchor': 'middle' }),
    y.name === ''
      ? undefined
      : label(14, (plot.top + plot.bottom) / 2, y.name, {
          class: 'name',
          'text-anchor': 'middle',
          transform: `rotate(-90 14 ${(plot.top + plot.bottom) / 2})`,
        }),
  ]}`
}

/** Ticks that keep a distance from each other, in order. */
export function sparse(scale: Scale, distance: number): readonly number[] {
  let last = Number.NEGATIVE_INFINITY
  return [...scale.ticks]
    .sort((a, b) => scale(a) - scale(b))
    .filter((tick) => {
      const at = scale(tick)
      if (at - last < distance) return false
      last = at
      return true
    })
}

/** Names of the lines, side by side at the top of the plot. */
export function legend(entries: readonly (readonly [string, string])[]): Html {
  let at = plot.left + 10
  return html`${entries.map(([name, className]) => {
    const drawn = [
      line(at, plot.top + 8, at + 18, plot.top + 8, `${className} key`),
      label(at + 24, plot.top + 12, name, { class: 'tick' }),
    ]
    at += 34 + name.length * 6.4
    return drawn
  })}`
}
