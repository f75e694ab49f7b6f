// The generated schema and its reader: what is refused, and that a validator that others wrote refuses the same.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { Random } from '../base/random.ts'
import { isEvent } from './event-shape.ts'
import { runSchema } from './schema.gen.ts'
import { parseCeilings, parseChannels, parseManifest, parseRunDocument, runJsonSchema } from './schema.ts'
import type { Schema } from './shape.ts'
import { upgradeDocument } from './upgrade.ts'

const root = join(import.meta.dirname, '../..')
const json = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'))
const fixture = (name: string): object => upgradeDocument(json(`test/fixtures/runs/${name}/run.json`), name)
const copy = <T>(value: T): T => structuredClone(value)

type Path = readonly string[]
const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value)

/** The document with what `change` makes of the object or array that holds the last key of the path. */
function changed(document: object, path: Path, change: (holder: Record<string, unknown>, key: string) => void): object {
  const result = copy(document)
  change(at(result, path.slice(0, -1)) as Record<string, unknown>, path.at(-1)!)
  return result
}

/** Every path, but of long lists only those into their first items. */
function paths(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const keys = Object.keys(value).slice(0, Array.isArray(value) ? 2 : undefined)
  return [path, ...keys.flatMap((key) => paths((value as Record<string, unknown>)[key], [...path, key]))]
}

function messageOf(read: () => unknown): string | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    expect(error).toMatchObject({ code: 'run-damaged' })
    return (error as { readonly data: { readonly message: string } }).data.message
  }
}

/** A value with everything that the schema allows in it, the last of each choice but null. */
function complete(schema: Schema): unknown {
  if (schema.$ref !== undefined) return complete(runSchema.$defs[schema.$ref.slice('#/$defs/'.length)]!)
  if (schema.anyOf) return complete(schema.anyOf.findLast(({ type }) => type !== 'null')!)
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  if (schema.pattern !== undefined) return '0123456789abcdef'.repeat(2)
  switch ([schema.type].flat()[0]) {
    case 'object': {
      const { properties = {}, additionalProperties } = schema
      const named = Object.entries(properties).map(([key, inner]) => [key, complete(inner)] as const)
      return { ...Object.fromEntries(named), ...(additionalProperties ? { some: complete(additionalProperties) } : {}) }
    }
    case 'array':
      return Array.from({ length: schema.minItems ?? 1 }, () => complete(schema.items!))
    case 'number':
      return 1.5
    case 'integer':
      return 3
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return 'text'
  }
}
const rich = complete(runSchema) as object

describe('a document', () => {
  test('is taken with every key that there is, and unknown ones', () => {
    expect(parseRunDocument(rich)).toEqual(rich)
    const wider = { ...rich, later: { any: [1, null] } }
    expect(parseRunDocument(wider)).toEqual(wider)
  })

  test('is refused where any value is of another type, and the error names its place', () => {
    for (const path of paths(rich)) {
      if (path.length === 0) continue
      const wrong = typeof at(rich, path) === 'object' ? 'no object' : { of: 'another type' }
      // What a finding rests on may be of many types.
      if (path.join('.').startsWith('findings.0.evidence.some')) continue
      const message = messageOf(() => parseRunDocument(changed(rich, path, (holder, key) => (holder[key] = wrong))))
      expect(message, path.join('.')).toMatch(
        new RegExp(`^${path.join('\\.')}: expected .+, got (?:a string|an object)$`),
      )
    }
  })

  test('is refused where a key that must be there is not', () => {
    for (const name of ['v1', 'v1-killed']) {
      const parse = name === 'v1' ? parseRunDocument : parseManifest
      const required = ['schema', 'id', 'host', 'target', 'load', 'recordings', 'channels', 'sla', 'unmeasured']
      for (const key of required)
        expect(messageOf(() => parse(changed(fixture(name), [key], (holder) => delete holder[key])))).toBe(
          `${key}: is missing`,
        )
    }
  })

  test.each([
    ['id', 'x'.repeat(32)],
    ['id', '0123456789ABCDEF'.repeat(2)],
    ['schema', 'tailwatt.run/1'],
    ['requests.sent', -1],
    ['requests.sent', 1.5],
    ['requests.sent', 2 ** 53],
    ['latency_ms.p50.n', 0.5],
    ['latency_ms.p50.value', Number.POSITIVE_INFINITY],
    ['latency_ms.p50.value', Number.NaN],
    ['latency_ms.histogram.0', [1]],
    ['latency_ms.histogram.0', [1, 2, 3]],
    ['batches.size_distribution.some', -1],
    ['target.model.operators.some', 1.5],
    ['cold_start.steady_after.requests', -1],
    ['sensors.0.changes', 1.5],
    ['recordings.0.id', -1],
    ['channels.0.quantity', 'charm'],
    ['channels.0.grade', 'E'],
    ['load.arrivals', 'weekly'],
  ])('is refused where %s is %j', (place, value) => {
    const path = place.split('.')
    const message = messageOf(() => parseRunDocument(changed(rich, path, (holder, key) => (holder[key] = value))))
    expect(message).toMatch(new RegExp(`^${path.join('\\.')}: expected `))
  })
})

test('ceilings and channels are given whole or not at all', () => {
  const ceilings = complete(runSchema.$defs.HostCeilings) as { compute: object[] }
  expect(parseCeilings(ceilings)).toEqual(ceilings)
  expect(parseCeilings({ ...ceilings, compute: [{}] })).toBeUndefined()
  const channel = complete(runSchema.$defs.Channel) as object
  expect(parseChannels([channel])).toEqual([channel])
  for (const value of [channel, null, [channel, 1], [{ ...channel, unit: 'furlong' }]])
    expect(parseChannels(value)).toBeUndefined()
})

test('an event has all that its kind carries; what was not known may be null where JSON has no NaN', () => {
  for (const [kind, schema] of Object.entries(runSchema.$defs.EventData.properties!)) {
    const event = { recording: 0, t: 5, kind, data: complete(schema) as object }
    expect(isEvent(event), kind).toBe(true)
    for (const key of schema.required!) {
      expect(isEvent({ ...event, data: { ...event.data, [key]: undefined } }), `${kind}.${key}`).toBe(false)
      expect(isEvent({ ...event, data: { ...event.data, [key]: [] } }), `${kind}.${key}`).toBe(false)
    }
  }
  const usage = { thread: 'a', cpu_s: null, wall_s: 1, spin_s: 1 }
  const event = { recording: 0, t: 5, kind: 'host_usage', data: usage }
  expect(isEvent(event)).toBe(true)
  expect(isEvent({ ...event, data: { ...usage, wall_s: null } })).toBe(false)
  expect(isEvent({ ...event, data: { ...usage, wall_s: 1e30 } })).toBe(false)
  expect(isEvent({ ...event, data: [usage] })).toBe(false)
})

test('the published schema is the one that is read by', () => {
  expect(json('schema/tailwatt.run-2.schema.json')).toEqual(runJsonSchema())
})

const pick = <T>(random: Random, from: readonly T[]): T => from[random.below(from.length)]!

/** One change of a document at random, as damage, other tools or later versions make them. */
function mutated(document: object, random: Random): unknown {
  const values: readonly unknown[] = [
    null,
    0,
    -1,
    1.5,
    1e308,
    2 ** 53,
    '',
    'x',
    'tailwatt.run/2',
    'J',
    true,
    [],
    {},
    [1, 2],
    [1, 2, 3],
    [['a']],
    { value: 1, low: null, high: null, n: 1 },
    { value: 1, low: null, high: null, n: 1.5 },
    JSON.parse(`${'['.repeat(50)}${']'.repeat(50)}`),
  ]
  const all = paths(document).slice(1)
  const path = pick(random, all)
  const value = pick(random, values)
  return changed(document, path, (holder, key) => {
    const old = holder[key]
    const choice = random.next32() % 4
    if (choice === 0 && !Array.isArray(holder)) delete holder[key]
    else if (choice === 1 && typeof old === 'object' && old !== null && !Array.isArray(old))
      holder[key] = { ...old, [pick(random, ['later', 'constructor', 'n', 'value'])]: value }
    else if (choice === 2) holder[key] = copy(at(document, pick(random, all)))
    else holder[key] = value
  })
}

test.each([
  ['the oldest fixture', fixture('v1'), runSchema, parseRunDocument],
  ['every key', rich, runSchema, parseRunDocument],
  ['a run that was killed', fixture('v1-killed'), runSchema.$defs.Manifest, parseManifest],
] as const)('changed at random, %s is taken and refused as ajv does', (_, document, schema, parse) => {
  const { $defs } = runSchema
  const validate = new Ajv2020({ strict: false }).compile({ ...schema, $defs })
  const random = new Random(41)
  let taken = 0
  for (let round = 0; round < 400; round++) {
    const value = mutated(document, random)
    const message = messageOf(() => parse(value))
    if (validate(value) !== (message === undefined))
      expect.fail(`ajv: ${JSON.stringify(validate.errors)}, ours: ${message}`)
    if (message === undefined) taken++
    else expect(message).toMatch(/^[\w.]+: (?:is missing|expected .+, got .+)$/)
  }
  expect(taken).toBeGreaterThan(50)
  expect(taken).toBeLessThan(350)
})
