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

const units: Readonly<Record<string, string>> = { '1/J': 'inferences/J', 'FLOP/J': 'FLOP/s per W', cores: 'CPUs' }

/** Value (or range) with its unit; what is not known is a dash. */
export function quantity(figure: Figure | null | undefined): string {
  if (!figure) return '–'
  const unit = units[figure.unit ?? ''] ?? figure.unit ?? ''
  const show = (value: number): string => {
    if (unit === 'ratio') return `${formatNumber(value * 100, 3)} %`
    if (unit !== '' && value !== 0 && Math.abs(value) < 1 && /^(?:[WJg]|J·s)$/.test(unit))
      return Math.abs(value) < 1e-3 ? `${formatNumber(value * 1e6)} µ${unit}` : `${formatNumber(value * 1e3)} m${unit}`
    return Math.abs(value) >= 1e4 ? formatPrefixed(value, unit) : `${formatNumber(value)} ${unit}`
  }
  if (figure.value !== null) return show(figure.value)
  return figure.low === null || figure.high === null ? '–' : `${show(figure.low)} … ${show(figure.high)}`
}

export const gradeText = (figure: Figure | null | undefined): string =>
  !figure?.grade
    ? ''
    : {
        A: 'A: external meter',
        B: 'B: hardware energy counter',
        C: 'C: integrated device power',
        D: 'D: estimate from utilisation',
      }[figure.grade]

export const cell = (text: string, numeric: boolean = false): string =>
  `<td${numeric ? ' class="n"' : ''}>${escape(text)}</td>`

export function table(head: readonly string[], rows: readonly (readonly string[])[], caption: string): string {
  const headers = head.map((text) => (text === '' ? '<td></td>' : `<th scope="col">${escape(text)}</th>`)).join('')
  const body = rows.map((row) => `<tr>${row.map((text) => cell(text)).join('')}</tr>`).join('')
  // A table wider than its card scrolls, also from the keyboard.
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escape(caption)}"><table><thead><tr>${headers}</tr></thead><tbody>${body}</tbody></table></div>`
}

/** Names and values, one a row. */
export function pairs(rows: readonly (readonly [string, string])[], caption: string): string {
  const body = rows.map(([name, value]) => `<tr><th scope="row">${escape(name)}</th>${cell(value)}</tr>`).join('')
  return `<table aria-label="${escape(caption)}"><tbody>${body}</tbody></table>`
}
