// Texts of flags as values, with the sentence for each that cannot be meant.
import { InvalidArgumentError, type Option } from 'commander'
import { expectCount, expectDuration, parseCount, parseDuration, parseRate } from '../index.ts'

const wrong = (message: string): never => {
  throw new InvalidArgumentError(message)
}

type Expected<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string }

/** The value, or the refusal that commander makes a sentence of. */
export const expected = <T>(result: Expected<T>): T => (result.ok ? result.value : wrong(result.error))

export const durationFlag = (text: string): string => {
  expected(expectDuration(text))
  return text
}

/** A duration, or 0 for none. */
export const durationOrNoneFlag = (text: string): string =>
  /^0+$/.test(text.trim()) || parseDuration(text) === 0 ? '0s' : durationFlag(text)

export const rateFlag = (text: string): number =>
  parseRate(text) ?? wrong('it needs a rate with its unit, such as 200/s')

export const countFlag = (text: string): number => expected(expectCount(text))

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

const repeatables = new WeakSet<object>()

/** Marks the parser of a flag that may be given several times; its variable holds one value a line. */
export function repeatable<P extends object>(parse: P): P {
  repeatables.add(parse)
  return parse
}

export const isRepeatable = ({ parseArg }: Option): boolean => parseArg !== undefined && repeatables.has(parseArg)

export const listFlag: (text: string, before?: readonly string[]) => readonly string[] = repeatable(
  (text, before = []) => [...before, text],
)
