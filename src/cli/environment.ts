// `TAILWATT_*` for every flag of a verb, read after the command line: a flag wins, and its variable is not even looked at.
// Not commander's own reading, which takes an empty variable for a value and switches a flag on for `0`.
import { Help, InvalidArgumentError, type Command, type Option } from 'commander'
import { TailwattError, describeError } from '../index.ts'
import { isRepeatable } from './flags.ts'

export interface Variable {
  /** `TAILWATT_ON_BREACH`. */
  readonly name: string
  readonly option: Option
}

const prefix = 'TAILWATT_'
const variables = new WeakMap<Command, readonly Variable[]>()

/** The variables that a command reads. */
export const variablesOf = (command: Command): readonly Variable[] => variables.get(command) ?? []

/** Every option that the command has by now may come from `TAILWATT_<NAME>`; its help says so. */
export function withEnvironment(command: Command): Command {
  const named = command.options.flatMap((option): readonly Variable[] => {
    // Of a flag and its negation only the flag: one variable cannot mean both.
    const twin = command.options.some((other) => other !== option && other.attributeName() === option.attributeName())
    if ((option.negate && twin) || option.long === '--help') return []
    const name = option.attributeName().replace(/[A-Z]/g, (letter) => `_${letter}`)
    return [{ name: `${prefix}${name.toUpperCase()}`, option }]
  })
  variables.set(command, named)
  const names = new Map(named.map(({ name, option }) => [option, name]))
  const help = new Help()
  command.configureHelp({
    optionDescription: (option) => {
      const text = help.optionDescription(option)
      return names.has(option) ? `${text} (env: ${names.get(option)})` : text
    },
  })
  return command.hook('preAction', () => readEnvironment(command))
}

function readEnvironment(command: Command): void {
  for (const { name, option } of variablesOf(command)) {
    const text = process.env[name]
    const key = option.attributeName()
    if (text === undefined || text === '' || given(command, key)) continue
    const opposed = opposedTo(command, option)
    if (opposed.some((other) => given(command, other.attributeName()))) continue
    const other = variablesOf(command).find(
      (each) => opposed.includes(each.option) && command.getOptionValueSource(each.option.attributeName()) === 'env',
    )
    if (other) refuse(name, `it and ${other.name} cannot both be meant`)
    const value = valueOf(name, option, text)
    if (value !== undefined) command.setOptionValueWithSource(key, value, 'env')
  }
}

/** Whether the command line itself says it. */
export const given = (command: Command, key: string): boolean => command.getOptionValueSource(key) === 'cli'

/** Options that cannot be meant together with this one, whichever of the two says so. */
function opposedTo(command: Command, option: Option): readonly Option[] {
  const names = (one: Option): readonly string[] => (one as Option & { conflictsWith: readonly string[] }).conflictsWith
  return command.options.filter(
    (other) => names(option).includes(other.attributeName()) || names(other).includes(option.attributeName()),
  )
}

function valueOf(name: string, option: Option, text: string): unknown {
  const takesValue = option.required || option.optional
  const word = switchWord(text)
  if (!takesValue) return word ?? refuse(name, 'it needs 1, true, yes or on, or 0, false, no or off')
  if (option.optional && word !== undefined) return word || undefined
  if (option.argChoices && !option.argChoices.includes(text))
    refuse(name, `it needs one of ${option.argChoices.join(', ')}`)
  try {
    const parse = option.parseArg ?? ((value: string): unknown => value)
    if (!isRepeatable(option)) return parse(text, undefined)
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
    return lines.reduce<unknown>((before, line) => parse(line, before), undefined)
  } catch (error) {
    if (error instanceof InvalidArgumentError) refuse(name, error.message)
    if (error instanceof TailwattError) refuse(name, describeError(error).title)
    throw error
  }
}

const words: Readonly<Record<string, boolean>> = {
  1: true,
  true: true,
  yes: true,
  on: true,
  0: false,
  false: false,
  no: false,
  off: false,
}

function switchWord(text: string): boolean | undefined {
  const word = text.trim().toLowerCase()
  return Object.hasOwn(words, word) ? words[word] : undefined
}

/** The value itself is not repeated: it may be a secret. */
function refuse(variable: string, message: string): never {
  throw new TailwattError('variable-invalid', { variable, message })
}

/**
 * What `plan` makes of the flags. When it refuses them, and would not without a value that came from a variable, the error
 * names the variable.
 */
export async function blamingVariables<Flags extends object, T>(
  command: Command,
  flags: Flags,
  plan: (flags: Flags) => Promise<T>,
): Promise<T> {
  try {
    return await plan(flags)
  } catch (error) {
    if (!(error instanceof TailwattError)) throw error
    const { title } = describeError(error)
    for (const { name, option } of variablesOf(command)) {
      const key = option.attributeName()
      if (command.getOptionValueSource(key) !== 'env') continue
      const { [key as keyof Flags]: _, ...without } = flags
      const same = await plan(without as Flags).then(
        () => false,
        (other: unknown) => other instanceof TailwattError && describeError(other).title === title,
      )
      if (!same) refuse(name, title)
    }
    throw error
  }
}
