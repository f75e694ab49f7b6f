// What a user typed as a value, or what was expected instead, as the second half of a sentence.
import { fail, ok, type Result } from '../base/result.ts'
import { parseCount, parseDuration, type Nanos } from './quantity.ts'

export function expectCount(text: string): Result<number, string> {
  const value = parseCount(text)
  return value !== undefined && value >= 1 ? ok(value) : fail('it needs a whole number of at least 1, such as 8 or 10k')
}

/** Above 0: nothing takes no time. */
export function expectDuration(text: string): Result<Nanos, string> {
  const value = parseDuration(text)
  return value !== undefined && value > 0 ? ok(value) : fail('it needs a duration with its unit, such as 30s or 500ms')
}
