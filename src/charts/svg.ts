// The shapes that charts are drawn with. A shape one of whose numbers is not finite, or lies far off the page, is not drawn:
// no attribute is ever NaN. Numbers are rounded to a tenth of a unit.
import { attributes, html, type Html } from '../base/html.ts'

type Numbers = Readonly<Record<string, number>>
type Texts = Readonly<Record<string, string | undefined>>

/** Drawings are some hundred units wide. */
const farthest = 1e5
const drawable = (value: number): boolean => Math.abs(value) < farthest
const tenths = (value: number): number => Math.round(value * 10) / 10

function shape(numbers: Numbers, texts: Texts, draw: (list: Html) => Html): Html | undefined {
  if (!Object.values(numbers).every(drawable)) return undefined
  const rounded = Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, tenths(value)]))
  return draw(attributes({ ...rounded, ...texts }))
}

export type Box = Readonly<Record<'x' | 'y' | 'width' | 'height', number>>

/** `fill` where it is not the class that says it. */
export const rect = ({ x, y, width, height }: Box, className: string, fill?: string): Html | undefined =>
  width < 0 || height < 0
    ? undefined
    : shape({ x, y, width, height }, { class: className, fill }, (list) => html`<rect${list}/>`)

export const circle = (cx: number, cy: number, r: number, className: string): Html | undefined =>
  shape({ cx, cy, r }, { class: className }, (list) => html`<circle${list}/>`)

export const label = (x: number, y: number, text: string, texts: Texts = {}): Html | undefined =>
  shape({ x, y }, texts, (list) => html`<text${list}>${text}</text>`)

export const line = (x1: number, y1: number, x2: number, y2: number, className: string): Html | undefined =>
  shape({ x1, y1, x2, y2 }, { class: className }, (list) => html`<line${list}/>`)

const path = (d: string, className: string, fill?: string): Html | undefined =>
  d === '' ? undefined : html`<path${attributes({ d, class: className, fill })}/>`

const place = (x: number, y: number): string => `${tenths(x)} ${tenths(y)}`

/** A path through points; `undefined`, and what cannot be drawn, lifts the pen. */
export function polyline(
  points: readonly (readonly [number, number] | undefined)[],
  className: string,
): Html | undefined {
  let d = ''
  let down = false
  for (const point of points) {
    const there = point?.every(drawable) === true
    if (there) d += `${down ? 'L' : 'M'}${place(point[0], point[1])}`
    down = there
  }
  return path(d, className)
}

/** The area between an upper and a lower line over the same x; it is broken where one of them cannot be drawn. */
export function band(
  points: readonly (readonly [number, number, number])[],
  className: string,
  fill?: string,
): Html | undefined {
  const runs: (readonly [number, number, number])[][] = [[]]
  for (const point of points) {
    if (point.every(drawable)) runs.at(-1)!.push(point)
    else runs.push([])
  }
  const d = runs
    .filter((run) => run.length > 0)
    .map((run) => {
      const there = run.map(([x, low], i) => `${i === 0 ? 'M' : 'L'}${place(x, low)}`)
      const back = run.toReversed().map(([x, , high]) => `L${place(x, high)}`)
      return `${there.join('')}${back.join('')}Z`
    })
  return path(d.join(''), className, fill)
}

/** Diagonal lines to fill with: `fill: url(#id)`. */
export const hatch = (id: string): Html =>
  html`<defs><pattern id="${id}" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">${line(0, 0, 0, 7, 'hatch')}</pattern></defs>`

export interface Drawing {
  /** Unique in its page. */
  readonly id: string
  readonly width: number
  readonly height: number
  readonly title: string
  readonly description: string
}

/** The drawing with its name and description for screen readers. */
export const drawing = (
  { id, width, height, title, description }: Drawing,
  ...content: readonly (Html | undefined | readonly (Html | undefined)[])[]
): Html =>
  html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc" class="chart"><title id="${id}-title">${title}</title><desc id="${id}-desc">${description}</desc>${content}</svg>`
