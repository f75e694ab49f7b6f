// Figures as text: value, interval, unit, grade; a range where a range is all that is known.
import { formatDuration, formatNumber, formatPrefixed, type Figure } from '../index.ts'

export const ms = (value: number | null): string => (value === null ? '–' : formatDuration(value * 1e6))

/** `1.22 … 1.24 ms`, open ends as they are. */
export function msInterval(figure: Figure): string {
  if (figure.low === null && figure.high === null) return ''
  if (figure.low === null) return `≤ ${ms(figure.high)}`
  if (figure.high === null) return `≥ ${ms(figure.low)}`
  return range(ms(figure.low), ms(figure.high))
}

/** The unit once where both ends have the same. */
function range(low: string, high: string): string {
  const [lowNumber, lowUnit] = low.split(' ')
  return lowUnit === high.split(' ')[1] ? `${lowNumber} … ${high}` : `${low} … ${high}`
}

const units: Readonly<Record<string, string>> = { '1/J': '/J', 'FLOP/J': 'FLOP/s per W' }

/** A power or energy figure with its grade: `12.3 W (B)`, `1.2 … 9.8 W (estimate, D)`. */
export function energy(figure: Figure | null): string {
  if (!figure) return '–'
  const unit = units[figure.unit ?? ''] ?? figure.unit ?? ''
  return shown(figure, (value) => withPrefix(value, unit))
}

function shown(figure: Figure, show: (value: number) => string): string {
  const grade = figure.grade === 'D' ? 'estimate, grade D' : `grade ${figure.grade ?? '?'}`
  if (figure.value === null)
    return figure.low === null || figure.high === null
      ? '–'
      : `${range(show(figure.low), show(figure.high))} (${grade})`
  const half = figure.high !== null && figure.low !== null ? (figure.high - figure.low) / 2 / figure.value : undefined
  return `${show(figure.value)}${half === undefined || half < 0.0005 ? '' : ` ±${formatNumber(half * 100, 2)} %`} (${grade})`
}

/** An amount of a currency as it is named: `0.45 EUR ±3 % (grade B)`. */
export function money(figure: Figure): string {
  const show = (value: number): string => `${formatNumber(value)} ${figure.unit ?? ''}`.trimEnd()
  return shown(figure, show)
}

function withPrefix(value: number, unit: string): string {
  if (value !== 0 && Math.abs(value) < 1) {
    if (Math.abs(value) < 1e-3) return `${formatNumber(value * 1e6)} µ${unit}`
    return `${formatNumber(value * 1e3)} m${unit}`
  }
  return unit.startsWith('/') ? `${formatNumber(value)}${unit}` : formatPrefixed(value, unit)
}

export const percentText = (share: number): string => `${formatNumber(share * 100, 2)} %`
export const signedPercent = (share: number): string =>
  `${share < 0 ? '−' : '+'}${formatNumber(Math.abs(share) * 100, 2)} %`
