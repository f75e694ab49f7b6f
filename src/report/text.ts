// Figures as the report writes them.
import { attributes, html, type Html } from '../base/html.ts'
import { cautionText } from '../run/caution.ts'
import type { Figure } from '../run/figure.ts'
import { formatDuration, formatNumber } from '../units/quantity.ts'

export const ms = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : formatDuration(value * 1e6)

export const msRange = (figure: Figure): string =>
  figure.low === null && figure.high === null
    ? 'interval not known'
    : figure.low === null
      ? `at most ${ms(figure.high)}`
      : figure.high === null
        ? `at least ${ms(figure.low)}`
        : `${ms(figure.low)} … ${ms(figure.high)}`

const units: Readonly<Record<string, string>> = {
  '1/J': 'inferences/J',
  'FLOP/J': 'FLOP/s per W',
  cores: 'CPUs',
  '1/s': '/s',
  '1': '',
}

interface Scale {
  readonly factor: number
  readonly unit: string
}

/** Percent for shares; a prefix that suits the largest of the values that stand together. */
function scaleOf(unit: string, values: readonly number[]): Scale {
  const largest = Math.max(...values.map(Math.abs), 0)
  if (unit === 'ratio') return { factor: 100, unit: ' %' }
  const name = units[unit] ?? unit
  if (name === '' || name.startsWith('/')) return { factor: 1, unit: name }
  if (largest > 0 && largest < 1 && /^(?:[WJg]|J·s)$/.test(name))
    return largest < 1e-3 ? { factor: 1e6, unit: ` µ${name}` } : { factor: 1e3, unit: ` m${name}` }
  if (largest < 1e4) return { factor: 1, unit: ` ${name}` }
  const [power, prefix] = prefixes.findLast(([each]) => largest >= each)!
  return { factor: 1 / power, unit: ` ${prefix}${name}` }
}
const prefixes = [
  [1e3, 'k'],
  [1e6, 'M'],
  [1e9, 'G'],
  [1e12, 'T'],
  [1e15, 'P'],
] as const

const shown = (value: number, { factor }: Scale): string => formatNumber(value * factor).replace('-', '−')
const known = (values: readonly (number | null)[]): readonly number[] =>
  values.filter((value) => value !== null && Number.isFinite(value)) as readonly number[]

/** Value (or range) with its unit; what is not known is a dash. */
export function quantity(figure: Figure | null | undefined): string {
  if (!figure) return '–'
  const { value, low, high, unit = '' } = figure
  if (value === null) return intervalOf(figure) || '–'
  const scale = scaleOf(unit, known([value, low, high]))
  return `${shown(value, scale)}${scale.unit}`
}

/** `31 … 45 W`; empty where an end is not known. */
export function intervalOf(figure: Figure | null | undefined): string {
  if (!figure || figure.low === null || figure.high === null) return ''
  const { value, low, high, unit = '' } = figure
  const scale = scaleOf(unit, known([value, low, high]))
  return `${shown(low, scale)} … ${shown(high, scale)}${scale.unit}`
}

/** `38 W (31 … 45 W)`; a range alone where there is no value; a dash for nothing. */
export function withInterval(figure: Figure | null | undefined): string {
  const value = quantity(figure)
  const interval = intervalOf(figure)
  if (figure?.value === null || figure?.value === undefined || interval === '') return value
  // Ends that look like the value say nothing.
  const ends = interval.replace(/^(\S+) … (\S+)/, (all, low, high) => (low === high ? low : all))
  return ends === value ? value : `${value} (${interval})`
}

/** What the letters of the grades mean, for below a table that has only them. */
export const gradeKey =
  'Grades: A external meter, B hardware energy counter, C integrated device power, D estimate from utilisation.'

export const gradeText = (figure: Figure | null | undefined): string =>
  !figure?.grade
    ? ''
    : {
        A: 'A: external meter',
        B: 'B: hardware energy counter',
        C: 'C: integrated device power',
        D: 'D: estimate from utilisation',
      }[figure.grade]

/** Long names of devices cut short. */
export const shortIds = (text: string): string => text.replace(/(GPU-[0-9a-f]{8})-[0-9a-f-]+/g, '$1…')

/** Channels as people can read them. */
export const idsText = (ids: readonly string[]): string => shortIds(ids.join(' + '))

/** What a figure rests on: its channels, and what was done to them. */
export const originText = ({ sources = [], how = '' }: Figure): string =>
  [idsText(sources), how].filter(Boolean).join('; ')

/** A cell: text, or markup with the longest line that it shows. */
export type Cell = string | Markup
interface Markup {
  readonly html: Html | undefined
  readonly longest: string
  /** Cells that it spans. */
  readonly columns?: number
}

/** Two lines in one cell, the second one paler. */
export const twoLines = (first: string, second: string): Cell => ({
  html: html`${first}${second === '' ? undefined : html`<br><span class="soft">${second}</span>`}`,
  longest: second.length > first.length ? second : first,
})

/** Cells of so few characters stay on one line. */
const short = 26
const classOf = (text: string): Html | undefined => (text.length <= short ? attributes({ class: 'short' }) : undefined)

function cell(content: Cell): Html {
  if (typeof content === 'string') return html`<td${classOf(content)}>${content}</td>`
  const { columns, longest } = content
  return html`<td${columns === undefined ? classOf(longest) : attributes({ colspan: columns })}>${content.html}</td>`
}

export function table(head: readonly string[], rows: readonly (readonly Cell[])[], caption: string): Html {
  const headers = head.map((text) =>
    text === '' ? html`<td></td>` : html`<th scope="col"${classOf(text)}>${text}</th>`,
  )
  const body = rows.map((row) => html`<tr>${row.map(cell)}</tr>`)
  // A table wider than its card scrolls, also from the keyboard.
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><thead><tr>${headers}</tr></thead><tbody>${body}</tbody></table></div>`
}

/** Names and values, one a row. */
export function pairs(rows: readonly (readonly [string, Cell])[], caption: string): Html {
  const body = rows.map(([name, value]) => html`<tr><th scope="row">${name}</th>${cell(value)}</tr>`)
  return html`<table aria-label="${caption}"><tbody>${body}</tbody></table>`
}

/** What is to be kept in mind of figures, each said once with the names it is about. */
export function cautions(figures: readonly (readonly [string, Figure | null | undefined])[]): Html | undefined {
  const names = new Map<string, string[]>()
  for (const [name, figure] of figures) {
    const text = figure && cautionText(figure)
    if (text) names.set(text, [...(names.get(text) ?? []), name])
  }
  if (names.size === 0) return undefined
  const items = [...names].map(([text, about]) => html`<li>${`${about.join(', ')}: ${shortIds(text)}`}</li>`)
  return html`<ul class="soft cautions">${items}</ul>`
}
