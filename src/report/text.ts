// Figures as the report writes them.
import { escape } from '../charts/svg.ts'
import type { Figure } from '../run/figure.ts'
import { formatDuration, formatNumber, formatPrefixed } from '../units/quantity.ts'

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

/** Value (or range) with its unit; what is not known is a dash. */
export function quantity(figure: Figure | null | undefined): string {
  if (!figure) return '–'
  const unit = units[figure.unit ?? ''] ?? figure.unit ?? ''
  const show = (value: number): string => {
    if (unit === 'ratio') return `${formatNumber(value * 100, 3)} %`
    if (unit !== '' && value !== 0 && Math.abs(value) < 1 && /^(?:[WJg]|J·s)$/.test(unit))
      return Math.abs(value) < 1e-3 ? `${formatNumber(value * 1e6)} µ${unit}` : `${formatNumber(value * 1e3)} m${unit}`
    if (Math.abs(value) >= 1e4) return formatPrefixed(value, unit).trim()
    return `${formatNumber(value)}${unit === '' || unit.startsWith('/') ? '' : ' '}${unit}`
  }
  if (figure.value !== null) return show(figure.value).replace('-', '−')
  return figure.low === null || figure.high === null ? '–' : `${show(figure.low)} … ${show(figure.high)}`
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

/** `38 W (31 … 45)`; a range alone where there is no value; a dash for nothing. */
export function withInterval(figure: Figure | null | undefined): string {
  const value = quantity(figure)
  // What was counted exactly has no interval.
  const exact = figure?.low === figure?.value && figure?.high === figure?.value
  return figure?.value === null || figure?.value === undefined || exact || intervalOf(figure) === ''
    ? value
    : `${value} (${intervalOf(figure)})`
}

/** `31 … 45 W`; empty where an end is not known. */
export function intervalOf(figure: Figure | null | undefined): string {
  if (!figure || figure.low === null || figure.high === null) return ''
  const [low, high] = [figure.low, figure.high].map((value) => quantity({ ...figure, value }))
  const unit = / \S+$/.exec(high!)?.[0] ?? ''
  // One unit for both ends where it is the same.
  return low!.endsWith(unit) ? `${low!.slice(0, low!.length - unit.length)} … ${high}` : `${low} … ${high}`
}

/** Channel ids as people can read them: long device names cut short. */
export const shortIds = (ids: string): string => ids.replace(/(GPU-[0-9a-f]{8})-[0-9a-f-]+/g, '$1…')

/** Text is escaped; what is markup already says so. */
export type Cell = string | { readonly html: string }

/** Two lines in one cell, the second one paler. */
export const twoLines = (first: string, second: string): Cell => ({
  html: `${escape(first)}${second === '' ? '' : `<br><span class="soft">${escape(second)}</span>`}`,
})

/** Cells of so few characters stay on one line. */
const short = 26

const longestLine = (html: string): string =>
  html
    .split('<br>')
    .map((line) => line.replace(/<[^>]*>/g, ''))
    .reduce((longest, line) => (line.length > longest.length ? line : longest), '')

const classOf = (text: string): string => (text.length <= short ? ' class="short"' : '')

export const cell = (content: Cell): string =>
  typeof content === 'string'
    ? `<td${classOf(content)}>${escape(content)}</td>`
    : `<td${classOf(longestLine(content.html))}>${content.html}</td>`

export function table(head: readonly string[], rows: readonly (readonly Cell[])[], caption: string): string {
  const headers = head
    .map((text) => (text === '' ? '<td></td>' : `<th scope="col"${classOf(text)}>${escape(text)}</th>`))
    .join('')
  const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('')
  // A table wider than its card scrolls, also from the keyboard.
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escape(caption)}"><table><thead><tr>${headers}</tr></thead><tbody>${body}</tbody></table></div>`
}

/** Names and values, one a row. */
export function pairs(rows: readonly (readonly [string, Cell])[], caption: string): string {
  const body = rows.map(([name, value]) => `<tr><th scope="row">${escape(name)}</th>${cell(value)}</tr>`).join('')
  return `<table aria-label="${escape(caption)}"><tbody>${body}</tbody></table>`
}
