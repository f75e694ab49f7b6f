// Texts of flags as values, with the sentence for each that cannot be meant.
import { InvalidArgumentError, type Option } from 'commander'
import { parseCount, parseDuration, parseRate, parseShapeFlag } from '../index.ts'

const wrong = (message: string): never => {
  throw new InvalidArgumentError(message)
}

/** Above 0: nothing takes no time. */
export const durationFlag = (text: string): string =>
  (parseDuration(text) ?? 0) > 0 ? text : wrong('it needs a duration with its unit, such as 30s or 500ms')

/** A duration, or 0 for none. */
export const durationOrNoneFlag = (text: string): string =>
  /^0+$/.test(text.trim()) || parseDuration(text) === 0 ? '0s' : durationFlag(text)

export const rateFlag = (text: string): number =>
  parseRate(text) ?? wrong('it needs a rate with its unit, such as 200/s')

export function countFlag(text: string): number {
  const value = parseCount(text)
  return value !== undefined && value >= 1 ? value : wrong('it needs a whole number of at least 1, such as 8 or 10k')
}

export function tickRateFlag(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  return value >= 0.1 && value <= 5 ? value : wrong('it needs a number from 0.1 to 5')
}

export function portFlag(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  return value >= 1 && value <= 65_535 ? value : wrong('it needs a port from 1 to 65535')
}

export function seedFlag(text: string): number {
  const value = parseCount(text)
  return value !== undefined && value >= 0 ? value : wrong('it needs a whole number')
}

/** `1%` or `0.01`. */
export function shareFlag(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text)
  const value = match ? Number(match[1]) / (match[2] ? 100 : 1) : Number.NaN
  return value >= 0 && value <= 1 ? value : wrong('it needs a share, such as 1% or 0.01')
}

/** `250g/kWh`, or the plain number. */
export function intensityFlag(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(?:g(?:CO2e?)?\/kWh)?$/i.exec(text.trim())
  return match ? Number(match[1]) : wrong('it needs grams a kilowatt-hour, such as 250g/kWh')
}

export function pueFlag(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  return value >= 1 && value <= 10 ? value : wrong('it needs a number from 1 to 10, such as 1.2')
}

export function shapeFlag(
  text: string,
  before: Record<string, readonly number[]> = {},
): Record<string, readonly number[]> {
  const { name, dims } = parseShapeFlag(text)
  return { ...before, [name]: dims }
}

const token = /^[!#$%&'*+.^_`|~\w-]+$/

export function headerFlag(text: string, before: Record<string, string> = {}): Record<string, string> {
  const colon = text.indexOf(':')
  const name = text.slice(0, Math.max(0, colon)).trimEnd()
  const value = text.slice(colon + 1).trim()
  if (!token.test(name)) wrong('it needs the form name: value')
  // RFC 9110 §5.5.
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) wrong('it holds characters that a header cannot')
  return { ...before, [name]: value }
}

export const methodFlag = (text: string): string =>
  token.test(text) ? text : wrong('it needs a method of HTTP, such as PUT')

export const listFlag = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]

const repeatable: ReadonlySet<unknown> = new Set([shapeFlag, headerFlag, listFlag])

/** May be given several times; its variable holds one value a line. */
export const isRepeatable = ({ parseArg }: Option): boolean => repeatable.has(parseArg)
