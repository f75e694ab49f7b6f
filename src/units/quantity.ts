// Units as types inside, and numbers with units as people write them: `30s`, `200/s`, `10k`, `4MiB`, `50ms`.
// Parsing refuses a bare number where its unit would be a guess.
import type { Brand } from '../base/brand.ts'

export type Nanos = Brand<number, 'Nanos'>
export type Bytes = Brand<number, 'Bytes'>

const durationUnits: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  min: 60e9,
  h: 3600e9,
}
const countUnits: Readonly<Record<string, number>> = { '': 1, k: 1e3, K: 1e3, m: 1e6, M: 1e6, g: 1e9, G: 1e9 }
const byteUnits: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
}

function scaled(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)\s*([a-zA-Zµ]*)$/.exec(text.trim())
  if (!match) return undefined
  const factor = Object.hasOwn(units, match[2]!) ? units[match[2]!] : undefined
  return factor === undefined ? undefined : Number(match[1]) * factor
}

/** `30s`, `500ms`, `2min` → nanoseconds; `undefined` when the text has no unit or an unknown one. */
export const parseDuration = (text: string): Nanos | undefined => scaled(text, durationUnits)

/** `10k`, `2M`, `100` → a count (a whole number); `undefined` when it is not one. */
export function parseCount(text: string): number | undefined {
  const value = scaled(text, countUnits)
  return value === undefined || !Number.isSafeInteger(Math.round(value)) || Math.abs(value - Math.round(value)) > 1e-9
    ? undefined
    : Math.round(value)
}

/** `4MiB`, `10kB` → bytes; a bare number is refused. */
export const parseBytes = (text: string): Bytes | undefined =>
  /[a-zA-Z]\s*$/.test(text) ? scaled(text, byteUnits) : undefined

/** `200/s`, `2k/s`, `90/min` → events per second; a bare number is refused. */
export function parseRate(text: string): number | undefined {
  const match = /^(.+)\/(s|min|m|h)$/.exec(text.trim())
  if (!match) return undefined
  const count = scaled(match[1]!, countUnits)
  const per = { s: 1, min: 60, m: 60, h: 3600 }[match[2]!]!
  return count === undefined || count <= 0 ? undefined : count / per
}

/** Three significant digits without exponent for the sizes people meet: `0.0123`, `1.23`, `12.3`, `1 234`; a dash for none. */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return '–'
  if (value === 0) return '0'
  const magnitude = Math.floor(Math.log10(Math.abs(value)))
  if (magnitude >= 15 || magnitude < -6) return value.toExponential(digits - 1)
  const text = value.toFixed(Math.min(20, Math.max(0, digits - 1 - magnitude)))
  return magnitude >= 3 ? groupThousands(text) : text
}

/** So many digits after the point, none for a count; a dash for what is no number. */
export const formatFixed = (value: number, digits = 0): string => (Number.isFinite(value) ? value.toFixed(digits) : '–')

// A thin no-break space between thousands, from 10 000 on and also for 1 234, as SI writes it.
const groupThousands = (text: string): string => text.replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f')

/** `1.23 ms`, `45 µs`, `2.5 s`: the unit that keeps one to three digits before the point. */
export function formatDuration(ns: number, digits = 3): string {
  const size = Math.abs(ns)
  if (size < 1e3) return `${formatNumber(ns, digits)} ns`
  if (size < 1e6) return `${formatNumber(ns / 1e3, digits)} µs`
  if (size < 1e9) return `${formatNumber(ns / 1e6, digits)} ms`
  return `${formatNumber(ns / 1e9, digits)} s`
}

/** `1.23 G`, `4.5 k`: a decimal prefix before a unit. */
export function formatPrefixed(value: number, unit: string, digits = 3): string {
  const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E']
  let index = 0
  let scaledValue = value
  while (Math.abs(scaledValue) >= 1000 && index < prefixes.length - 1) {
    scaledValue /= 1000
    index++
  }
  return `${formatNumber(scaledValue, digits)} ${prefixes[index]}${unit}`
}
