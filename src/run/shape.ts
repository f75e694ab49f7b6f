// Reads parsed JSON by a JSON schema: the part of draft 2020-12 that `tools/write-schema.mjs` writes, which refuses any other
// keyword. Numbers are finite. Unknown keys pass: a later version may add some.
import { fail, ok, type Result } from '../base/result.ts'

type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'array' | 'object'

export interface Schema {
  readonly $ref?: string
  readonly anyOf?: readonly Schema[]
  readonly type?: JsonType | readonly JsonType[]
  readonly const?: string
  readonly enum?: readonly (string | null)[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  /** Of keys that `properties` does not name; left out: anything. */
  readonly additionalProperties?: Schema
  readonly description?: string
}

export type Definitions = Readonly<Record<string, Schema>>

/** A schema with the definitions that its references name, `Name` among them. */
export interface RootSchema<Name extends string> extends Schema {
  readonly $schema: string
  readonly title: string
  readonly $defs: Definitions & { readonly [Key in Name]: Schema }
}

/**
 * The value with the keys of each object in the order of its schema, unknown ones behind them. The error is one clause that
 * names the first place that does not fit: `latency_ms.p99.value: expected a number or null, got a string`.
 * @param definitions what a `$ref` means.
 * @param whole what to call the value itself.
 */
export function readShape(
  schema: Schema,
  value: unknown,
  definitions: Definitions,
  whole: string,
): Result<unknown, string> {
  const reader = new ShapeReader(definitions)
  const read = reader.read(schema, value)
  if (read !== misfit) return ok(read)
  return fail(`${reader.path.length === 0 ? whole : reader.path.toReversed().join('.')}: ${reader.reason}`)
}

const misfit = Symbol('misfit')

class ShapeReader {
  readonly #definitions: Definitions
  /** To what does not fit, from the inside out. */
  path: (string | number)[] = []
  reason = ''

  constructor(definitions: Definitions) {
    this.#definitions = definitions
  }

  /** {@link misfit}, with its path and reason, where the value is not of the schema. */
  read(schema: Schema, value: unknown): unknown {
    if (schema.$ref !== undefined) return this.read(this.#resolved(schema.$ref), value)
    if (schema.anyOf) return this.#readOneOf(schema, schema.anyOf, value)
    if (!isOf(schema, value)) return this.#refuse(schema, value)
    if (Array.isArray(value)) return this.#readItems(schema.items!, value)
    if (typeof value === 'object' && value !== null) return this.#readKeys(schema, value as Keyed)
    return value
  }

  #resolved(reference: string): Schema {
    return this.#definitions[reference.slice('#/$defs/'.length)]!
  }

  /** Of several misfits the innermost tells most: it got past the type. */
  #readOneOf(schema: Schema, choices: readonly Schema[], value: unknown): unknown {
    let inmost: readonly (string | number)[] = []
    let reason = ''
    for (const choice of choices) {
      this.path = []
      const read = this.read(choice, value)
      if (read !== misfit) return read
      if (this.path.length > inmost.length) [inmost, reason] = [this.path, this.reason]
    }
    if (inmost.length === 0) return this.#refuse(schema, value)
    ;[this.path, this.reason] = [[...inmost], reason]
    return misfit
  }

  #readItems(schema: Schema, values: readonly unknown[]): unknown {
    const items: unknown[] = []
    for (let i = 0; i < values.length; i++) {
      const item = this.read(schema, values[i])
      if (item === misfit) return this.#within(i)
      items.push(item)
    }
    return items
  }

  #readKeys({ properties = {}, required = [], additionalProperties }: Schema, value: Keyed): unknown {
    const read: Record<string, unknown> = {}
    for (const [key, schema] of Object.entries(properties)) {
      // What is undefined JSON does not write.
      if (value[key] === undefined && !required.includes(key)) continue
      const item = this.read(schema, value[key])
      if (item === misfit) return this.#within(key)
      read[key] = item
    }
    for (const key of Object.keys(value)) {
      if (Object.hasOwn(properties, key) || key === '__proto__') continue
      const item = additionalProperties ? this.read(additionalProperties, value[key]) : value[key]
      if (item === misfit) return this.#within(key)
      read[key] = item
    }
    return read
  }

  #within(key: string | number): typeof misfit {
    this.path.push(key)
    return misfit
  }

  #refuse(schema: Schema, value: unknown): typeof misfit {
    this.path = []
    this.reason = value === undefined ? 'is missing' : `expected ${this.#wanted(schema)}, got ${kindOf(value)}`
    return misfit
  }

  #wanted(schema: Schema): string {
    if (schema.$ref !== undefined) return this.#wanted(this.#resolved(schema.$ref))
    if (schema.anyOf) return schema.anyOf.map((choice) => this.#wanted(choice)).join(' or ')
    if (schema.const !== undefined) return JSON.stringify(schema.const)
    if (schema.enum) return `one of ${schema.enum.map((one) => JSON.stringify(one)).join(', ')}`
    if (schema.pattern !== undefined) return `a string like ${schema.pattern}`
    return typesOf(schema)
      .map((type) => `${named[type]}${boundsOf(schema, type)}`)
      .join(' or ')
  }
}

type Keyed = Readonly<Record<string, unknown>>

const named: { readonly [Type in JsonType]: string } = {
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
  array: 'an array',
  object: 'an object',
}

const typesOf = ({ type = [] }: Schema): readonly JsonType[] => (typeof type === 'string' ? [type] : type)

function boundsOf({ minimum, maximum, minItems }: Schema, type: JsonType): string {
  if (type === 'array') return minItems === undefined ? '' : ` of ${minItems}`
  return (type === 'number' || type === 'integer') && minimum !== undefined ? ` from ${minimum} to ${maximum}` : ''
}

function typeOf(value: unknown): JsonType | undefined {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isFinite(value) ? 'number' : undefined
  return typeof value === 'string' || typeof value === 'boolean' || typeof value === 'object'
    ? (typeof value as 'string' | 'boolean' | 'object')
    : undefined
}

/** What was found instead, without what it says: that may be long, or somebody's. A number may be of the right type and still not fit. */
function kindOf(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  const type = typeOf(value)
  return type === undefined ? `a ${typeof value}` : named[type]
}

/** Whether a value fits as far as one sees without going into it. */
function isOf(schema: Schema, value: unknown): boolean {
  const type = typeOf(value)
  if (type === undefined) return false
  const types = typesOf(schema)
  if (!types.includes(type) && !(types.includes('integer') && Number.isSafeInteger(value))) return false
  if (value === null) return true
  if (schema.const !== undefined && value !== schema.const) return false
  if (schema.enum && !schema.enum.includes(value as string)) return false
  if (typeof value === 'number') return value >= (schema.minimum ?? value) && value <= (schema.maximum ?? value)
  if (typeof value === 'string') return schema.pattern === undefined || new RegExp(schema.pattern).test(value)
  if (Array.isArray(value))
    return value.length >= (schema.minItems ?? 0) && value.length <= (schema.maxItems ?? value.length)
  return true
}
