// The flags that the kinds of targets declare: into the help and the parser, and from there into what a target takes.
import { Option, type Command } from 'commander'
import { targetKinds, type ResolveOptions, type TargetKind, type TargetOption } from '../index.ts'
import { expected, repeatable } from './flags.ts'

interface TargetFlag {
  /** In the options of the target. */
  readonly key: string
  /** In the flags of the command. */
  readonly name: string
  /** As one types it. */
  readonly long: string
  readonly option: TargetOption
}

export const flagsOf = ({ options }: TargetKind): readonly TargetFlag[] =>
  Object.entries(options).map(([key, option]) => {
    const flag = new Option(option.flag)
    return { key, name: flag.attributeName(), long: flag.long!, option }
  })

/** @param before flags of every run, by the flag of a target before which they stand in the help */
export function addTargetFlags(
  command: Command,
  kind: TargetKind,
  before: Readonly<Record<string, Option>> = {},
): void {
  for (const { long, option } of flagsOf(kind)) {
    // One that every run has, or that another kind has declared.
    if (command.options.some((other) => other.long === long)) continue
    const first = before[long]
    if (first) command.addOption(first)
    command.addOption(flagFor(option))
  }
}

/** For each kind what a target of it would take. */
export const targetOptions = (flags: object): ResolveOptions =>
  Object.fromEntries(
    targetKinds.map((kind) => {
      const values = flagsOf(kind).map(({ key, name, option }) => [key, valueOf(flags, name), option] as const)
      const given = values.filter(([, value, { flag }]) => value !== undefined && !(value && isNegation(flag)))
      return [kind.kind, Object.fromEntries(given)]
    }),
  )

export const valueOf = (flags: object, name: string): unknown => (flags as Readonly<Record<string, unknown>>)[name]

/** Of these commander takes the opposite for given. */
const isNegation = (flag: string): boolean => flag.startsWith('--no-')

function flagFor({ flag, help, reads, excludes }: TargetOption): Option {
  const made = new Option(flag, help)
  if (excludes !== undefined) made.conflicts(new Option(excludes).attributeName())
  if (reads.form === 'choice') made.choices(reads.choices)
  else if (reads.form === 'text') made.argParser((text) => expected(reads.parse(text)))
  else if (reads.form === 'texts')
    made.argParser(repeatable((text: string, before: unknown) => expected(reads.parse(text, before))))
  return made
}
