// How a kind of target declares what it takes: each option with the flag that sets it, how its text is read, and which
// other values are worth a try. The command line and `--advise` know an option from there and from nowhere else.
import { ok, type Result } from '../base/result.ts'
import { expectCount, expectDuration } from '../units/expected.ts'

export type Flag = `--${string}`

/** @typeParam O all options of the kind */
export interface Option<T = unknown, O = object> {
  /** As the help shows it: `--threads <n>`; `--no-spinning` for a switch that is on by default. */
  readonly flag: Flag
  readonly help: string
  readonly reads: Reading<T>
  /** A flag that cannot be meant beside it. */
  readonly excludes?: Flag
  /** Values to compare with what is set now, on a host with this much room. */
  vary?(now: O, room: Room): readonly T[]
}

/** One option for every key: the compiler asks for those that are missing. */
export type OptionsOf<O> = [keyof O] extends [never]
  ? Readonly<Record<string, Option>>
  : { readonly [K in keyof O]-?: Option<Exclude<O[K], undefined>, O> }

/** How a flag gives a value. What cannot be meant is said as the second half of a sentence: `it needs …`. */
export type Reading<T> =
  | { readonly form: 'text'; parse(text: string): Result<T, string> }
  /** Repeatable: each text adds to what those before it gave. */
  | { readonly form: 'texts'; parse(text: string, before: T | undefined): Result<T, string> }
  | { readonly form: 'choice'; readonly choices: readonly (T & string)[] }
  | { readonly form: 'switch' }
  /** A flag that every run has; its value goes to the target as well. */
  | { readonly form: 'shared' }

export interface Room {
  readonly cpus: number
  readonly instances: number
}

export const count: Reading<number> = { form: 'text', parse: expectCount }
export const anyText: Reading<string> = { form: 'text', parse: ok }
export const onOff: Reading<boolean> = { form: 'switch' }
export const shared: Reading<never> = { form: 'shared' }
export const oneOf = <T extends string>(...choices: readonly T[]): Reading<T> => ({
  form: 'choice',
  choices: choices as never,
})

/** A duration as text, a number of milliseconds as a value. */
export const milliseconds: Reading<number> = {
  form: 'text',
  parse(text) {
    const duration = expectDuration(text)
    return duration.ok ? ok(duration.value / 1e6) : duration
  },
}

/** The flag as one types it to set this value: `--threads 2`, `--no-spinning`. */
export function typed({ flag, reads }: Option, value: unknown): string {
  const [name] = flag.split(' ')
  return reads.form === 'switch' ? name! : `${name} ${String(value)}`
}
