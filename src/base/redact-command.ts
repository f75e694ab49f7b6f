// What may be stored and shown of headers, bodies, sensors and whole commands, and which secrets are in them.
import {
  addressSecrets,
  argumentSecrets,
  redactAddress,
  redactArgument,
  redacted,
  textSecrets,
} from './redact-address.ts'

const headerName = (text: string): string | undefined => /^\s*([!#$%&'*+.^_`|~\w-]+)\s*:/.exec(text)?.[1]

function redactHeader(text: string): string {
  const name = headerName(text)
  return name === undefined ? redacted : `${name}: ${redacted}`
}

const authentication = /^(?:basic|bearer|digest|token|negotiate|apikey)$/i

/** A header's value, and the words of it: a server that refuses a token names it without the scheme. */
export const headerSecrets = (value: string): readonly string[] => [
  value,
  ...value.split(/[\s;,=]+/).filter((word) => !authentication.test(word)),
]

/** What of a larger body is looked for in texts of others. */
const searchedBody = 1 << 16
const mostStrings = 1000

/** A body, and the strings in it: JSON's, or a form's values. */
export function bodySecrets(body: string): readonly string[] {
  const text = body.slice(0, searchedBody)
  // Not by JSON.parse: a template is no JSON before its fields are filled.
  const strings = [...text.matchAll(/"((?:[^"\\]|\\.)*)"(\s*:)?/g)].flatMap(([, string, colon]) =>
    colon === undefined ? [string!, unescaped(string!)] : [],
  )
  const form = /^[^\s={}&]+=/.test(text) ? [...new URLSearchParams(text).values()] : []
  return [text, ...strings.slice(0, mostStrings), ...form.slice(0, mostStrings)]
}

function unescaped(string: string): string {
  try {
    return JSON.parse(`"${string}"`) as string
  } catch {
    return string
  }
}

/** `kind:argument`, of which a file stays. */
const sensorEntry = /^\s*\+?([\w-]+):(.*)$/s
const ofFiles: ReadonlySet<string> = new Set(['replay', 'file'])

const redactSensors = (list: string): string =>
  list
    .split(',')
    .map((entry) => {
      const [, kind, argument] = sensorEntry.exec(entry) ?? []
      if (kind === undefined) return entry.includes('@') ? redactAddress(entry) : entry
      const shown = ofFiles.has(kind) ? redactArgument(argument!) : redactAddress(argument!)
      return entry.slice(0, entry.indexOf(':') + 1) + shown
    })
    .join(',')

const sensorSecrets = (list: string): readonly string[] => [
  ...list.split(',').flatMap((entry) => {
    const [, kind, argument] = sensorEntry.exec(entry) ?? []
    if (kind === undefined) return entry.includes('@') ? addressSecrets(entry) : []
    return ofFiles.has(kind) ? argumentSecrets(argument!) : addressSecrets(argument!)
  }),
  // A password with a comma falls into several entries.
  ...(list.includes('@') ? list.slice(list.indexOf(':') + 1, list.lastIndexOf('@')).split(/[,:/]+/) : []),
]

interface Treatment {
  readonly redact: (value: string) => string
  readonly secrets: (value: string) => readonly string[]
}

const hidden: Treatment = { redact: () => redacted, secrets: (value) => [value, ...textSecrets(value)] }
const plain: Treatment = { redact: redactArgument, secrets: argumentSecrets }
const treatments: Readonly<Record<string, Treatment>> = {
  '--header': {
    redact: redactHeader,
    secrets: (text) => headerSecrets(headerName(text) === undefined ? text : text.slice(text.indexOf(':') + 1).trim()),
  },
  '--body': { redact: () => redacted, secrets: bodySecrets },
  '--on-breach': hidden,
  '--sensors': { redact: redactSensors, secrets: sensorSecrets },
}

/** Each argument with what its flag, in itself or before it, says that it is. */
const read = (args: readonly string[]): readonly { prefix: string; value: string; flag: string | undefined }[] =>
  args.map((arg, i) => {
    const joined = /^(--[\w-]+)=(.*)$/s.exec(arg)
    if (joined) return { prefix: `${joined[1]}=`, value: joined[2]!, flag: joined[1] }
    return { prefix: '', value: arg, flag: args[i - 1] }
  })

/** An argument list as it may be stored. `keepBody` leaves the body in it. */
export const redactCommand = (args: readonly string[], keepBody = false): readonly string[] =>
  read(args).map(({ prefix, value, flag }) =>
    keepBody && flag === '--body' ? prefix + value : prefix + (treatments[flag ?? ''] ?? plain).redact(value),
  )

/** What {@link redactCommand} takes out. */
export const commandSecrets = (args: readonly string[]): readonly string[] =>
  read(args).flatMap(({ value, flag }) => (treatments[flag ?? ''] ?? plain).secrets(value))

/** Secrets of the environment: those of flags that have a variable, passwords and tokens. */
export const environmentSecrets = (env: Readonly<Record<string, string | undefined>>): readonly string[] =>
  Object.entries(env).flatMap(([name, value = '']) => {
    if (!name.startsWith('TAILWATT_')) return []
    if (/_(?:PASSWORD|TOKEN)$/.test(name)) return [value]
    const flag = `--${name.slice('TAILWATT_'.length).toLowerCase().replaceAll('_', '-')}`
    // A flag that may be repeated has a line for each time.
    return [value, ...value.split('\n')].flatMap((text) => commandSecrets([flag, text]))
  })
