// SVG as text. Every text and attribute is escaped here and nowhere else; numbers are rounded to a tenth of a unit.
export type Attributes = Readonly<Record<string, string | number | undefined>>

export const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c]!)

const attribute = (value: string | number): string =>
  typeof value === 'number' ? String(Math.round(value * 10) / 10) : escape(value)

export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const list = Object.entries(attributes)
    .flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${attribute(value)}"`]))
    .join('')
  return children.length === 0 ? `<${name}${list}/>` : `<${name}${list}>${children.join('')}</${name}>`
}

export const label = (x: number, y: number, text: string, attributes: Attributes = {}): string =>
  element('text', { x, y, ...attributes }, escape(text))

export const line = (x1: number, y1: number, x2: number, y2: number, className: string): string =>
  element('line', { x1, y1, x2, y2, class: className })

/** A path through points; `undefined` lifts the pen. */
export function polyline(points: readonly (readonly [number, number] | undefined)[], className: string): string {
  let d = ''
  let down = false
  for (const point of points) {
    if (!point) {
      down = false
      continue
    }
    d += `${down ? 'L' : 'M'}${attribute(point[0])} ${attribute(point[1])}`
    down = true
  }
  return d === '' ? '' : element('path', { d, class: className })
}

/** The area between an upper and a lower line over the same x. */
export function band(
  points: readonly (readonly [number, number, number])[],
  className: string,
  more: Attributes = {},
): string {
  if (points.length === 0) return ''
  const there = points.map(([x, low], i) => `${i === 0 ? 'M' : 'L'}${attribute(x)} ${attribute(low)}`)
  const back = points.toReversed().map(([x, , high]) => `L${attribute(x)} ${attribute(high)}`)
  return element('path', { d: `${there.join('')}${back.join('')}Z`, class: className, ...more })
}

/** Diagonal lines to fill with: `fill: url(#id)`. */
export const hatch = (id: string): string =>
  element(
    'defs',
    {},
    element(
      'pattern',
      { id, width: 7, height: 7, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
      line(0, 0, 0, 7, 'hatch'),
    ),
  )

/** The drawing with its name and description for screen readers. */
export const drawing = (
  id: string,
  width: number,
  height: number,
  title: string,
  description: string,
  ...children: readonly string[]
): string =>
  element(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-labelledby': `${id}-title ${id}-desc`,
      class: 'chart',
    },
    element('title', { id: `${id}-title` }, escape(title)),
    element('desc', { id: `${id}-desc` }, escape(description)),
    ...children,
  )
