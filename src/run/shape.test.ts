import { expect, test } from 'vitest'
import { readShape, type Schema } from './shape.ts'

const definitions = {
  Pair: {
    type: 'object',
    properties: { a: { type: 'number' }, b: { type: ['string', 'null'] } },
    required: ['a'],
  },
} as const satisfies Record<string, Schema>
const pair: Schema = { $ref: '#/$defs/Pair' }

const read = (schema: Schema, value: unknown): unknown => {
  const result = readShape(schema, value, definitions, 'it')
  return result.ok ? result.value : result.error
}

test('known keys come in the order of the schema, unknown ones behind them', () => {
  const result = read(pair, { later: { any: [1] }, b: 'x', a: 1 })
  expect(JSON.stringify(result)).toBe('{"a":1,"b":"x","later":{"any":[1]}}')
  expect(read(pair, { a: 1, b: undefined })).toEqual({ a: 1 })
})

test('the error names the place, what belongs there and what is there', () => {
  const list: Schema = { type: 'array', items: { anyOf: [pair, { type: 'null' }] } }
  expect(read(list, [null, { a: 1 }, { a: '1' }])).toBe('2.a: expected a number, got a string')
  expect(read(list, [{ b: 'x' }])).toBe('0.a: is missing')
  expect(read(list, [7])).toBe('0: expected an object or null, got 7')
  expect(read(list, null)).toBe('it: expected an array, got null')
  expect(read({ type: 'string', enum: ['on', 'off'] }, 'on a secret')).toBe(
    'it: expected one of "on", "off", got a string',
  )
  expect(read({ type: 'string', const: 'x/1' }, 3)).toBe('it: expected "x/1", got 3')
  expect(read({ type: 'string', pattern: '^[0-9a-f]+$' }, 'g')).toBe(
    'it: expected a string like ^[0-9a-f]+$, got a string',
  )
  expect(read({ type: 'integer', minimum: 0, maximum: 9 }, 1.5)).toBe(
    'it: expected a whole number from 0 to 9, got 1.5',
  )
  expect(read({ type: 'array', items: pair, minItems: 2, maxItems: 2 }, [])).toBe(
    'it: expected an array of 2, got an array of 0',
  )
})

test('of several choices the one that fits furthest in says what is wrong', () => {
  const either: Schema = { anyOf: [{ type: 'string' }, { type: 'array', items: pair }, { type: 'null' }] }
  expect(read(either, [{ a: 1 }, { a: null }])).toBe('1.a: expected a number, got null')
  expect(read(either, true)).toBe('it: expected a string or an array or null, got true')
})

test('a number is finite, and a whole number is exact', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
    expect(read({ type: 'number' }, value)).toBeTypeOf('string')
  expect(read({ type: 'integer' }, 2 ** 53 - 1)).toBe(2 ** 53 - 1)
  expect(read({ type: 'integer' }, 2 ** 53)).toBeTypeOf('string')
})

test('values of a table of names are checked, and no key of it reaches a prototype', () => {
  const table: Schema = { type: 'object', additionalProperties: { type: 'number' } }
  expect(read(table, { constructor: 1, x: 2 })).toEqual({ constructor: 1, x: 2 })
  expect(read(table, { x: 'y' })).toBe('x: expected a number, got a string')
  const result = read(table, JSON.parse('{"__proto__":{"x":1}}')) as object
  expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
  expect(Object.keys(result)).toEqual([])
})

test('what no JSON holds is refused', () => {
  for (const value of [undefined, () => 1, Symbol('x'), 1n]) expect(read(pair, value)).toBeTypeOf('string')
})
