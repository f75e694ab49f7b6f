// What is said of a model before it runs: costs of one sample, sizes chosen for it, inputs valid for their meaning.
import * as fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TailwattError } from '../base/errors.ts'
import type { ModelFacts, TensorFacts } from '../run/manifest.ts'
import type { Fill } from '../run/manifest.ts'
import { describeFill, fillInput, toFloat16 } from './inputs.ts'
import { inspectModel, type InspectOptions } from './inspect.ts'
import { collect, float32Data, memorySource, modelPart, nodePart, tensorPart, valuePart, type Part } from './write.ts'

const int64 = 7
const table = (name: string, rows: number): Part =>
  tensorPart(5, name, 1, [rows, 4], float32Data(Array.from({ length: rows * 4 }, () => 1)))

const inspect = (graph: readonly Part[], options: Partial<InspectOptions> = {}): ModelFacts =>
  inspectModel(memorySource(collect(modelPart('m', 17, graph))), { path: 'm.onnx', ...options })

const embedding = (rows: number): readonly Part[] => [
  nodePart('Cast', 'c', ['input_ids'], ['narrow'], { to: 6 }),
  nodePart('Gather', 'g', ['words', 'narrow'], ['e']),
  nodePart('Gather', 't', ['types', 'token_type_ids'], ['f']),
  nodePart('Gather', 'p', ['places', 'position_ids'], ['h']),
  nodePart('Sum', 's', ['e', 'f', 'h'], ['y']),
  table('words', rows),
  table('types', 2),
  table('places', 200),
  ...['input_ids', 'token_type_ids', 'position_ids', 'attention_mask'].map((name) =>
    valuePart(11, name, int64, ['batch', 'seq']),
  ),
  valuePart(12, 'y', 1, ['batch', 'seq', 4]),
]

const dense = (shape: readonly (number | string)[]): readonly Part[] => [
  nodePart('MatMul', 'm', ['x', 'w'], ['y']),
  tensorPart(5, 'w', 1, [4, 3], float32Data([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])),
  valuePart(11, 'x', 1, shape),
  valuePart(12, 'y', 1, ['n', 3]),
]

const refusal = (act: () => unknown): unknown => {
  try {
    act()
    return undefined
  } catch (error) {
    return error instanceof TailwattError ? `${error.code}: ${String(error.data['message'])}` : error
  }
}

describe('sizes', () => {
  test('costs are those of one sample, whatever the batch', () => {
    expect(inspect(dense(['batch', 4])).macs).toBe(12)
    const batch = inspect(dense(['batch', 4]), { batch: 8 })
    expect(batch.macs).toBe(12)
    expect(batch.inputs[0]).toMatchObject({ used: [8, 4], defaulted: [] })
  })

  test('a dimension nobody gave gets a default that is named, and the same symbol the same size', () => {
    const facts = inspect(embedding(30))
    expect(facts.inputs.map((input) => input.used)).toEqual([
      [1, 128],
      [1, 128],
      [1, 128],
      [1, 128],
    ])
    expect(facts.inputs.map((input) => input.defaulted)).toEqual([['seq'], ['seq'], ['seq'], ['seq']])
    const given = inspect(embedding(30), { shapes: { input_ids: [2, 7] } })
    expect(given.inputs.map((input) => input.used)).toEqual([
      [2, 7],
      [2, 7],
      [2, 7],
      [2, 7],
    ])
  })

  test('a default that the graph contradicts gives way to one that fits', () => {
    const facts = inspect([
      nodePart('Add', 'a', ['x', 'places'], ['y']),
      tensorPart(5, 'places', 1, [32, 4], float32Data(Array.from({ length: 128 }, () => 1))),
      valuePart(11, 'x', 1, ['batch', 'sequence', 4]),
      valuePart(12, 'y', 1, ['batch', 'sequence', 4]),
    ])
    expect(facts.inputs[0]).toMatchObject({ used: [1, 32, 4], defaulted: ['sequence'] })
  })

  test('images are square, and channels are three, first or last', () => {
    const image = (shape: readonly (number | string)[]): readonly number[] =>
      inspect([nodePart('Relu', 'r', ['x'], ['y']), valuePart(11, 'x', 1, shape), valuePart(12, 'y', 1, shape)])
        .inputs[0]!.used
    expect(image(['N', 3, 'height', 'width'])).toEqual([1, 3, 224, 224])
    expect(image(['a', 'b', 'c', 'd'])).toEqual([1, 3, 224, 224])
    expect(image(['a', 'b', 'c', 3])).toEqual([1, 224, 224, 3])
  })

  test('a cache of keys and values starts empty, and sums with its length follow', () => {
    const kv = ['batch', 2, 'past_sequence_length', 8]
    const facts = inspect([
      nodePart('Relu', 'r', ['past_key_values.0.key'], ['y']),
      valuePart(11, 'input_ids', int64, ['batch', 'sequence_length']),
      valuePart(11, 'attention_mask', int64, ['batch', 'past_sequence_length + sequence_length']),
      valuePart(11, 'past_key_values.0.key', 1, kv),
      valuePart(12, 'y', 1, kv),
    ])
    expect(facts.inputs.map((input) => input.used)).toEqual([
      [1, 128],
      [1, 128],
      [1, 2, 0, 8],
    ])
  })

  test('a shape that does not fit is refused with the reason', () => {
    const graph = dense(['batch', 4])
    expect(refusal(() => inspect(graph, { shapes: { y: [1] } }))).toBe(
      'shape-invalid: the model has no input y; it has x',
    )
    expect(refusal(() => inspect(graph, { shapes: { x: [1, 5] } }))).toBe(
      'shape-invalid: the input x takes batchx4, not 1x5',
    )
    expect(refusal(() => inspect(graph, { shapes: { x: [1, 1, 4] } }))).toMatch(/not 1x1x4/)
    expect(refusal(() => inspect(dense([1, 4]), { batch: 4 }))).toMatch(/no room for a batch of 4/)
    expect(refusal(() => inspect(embedding(9), { shapes: { input_ids: [1, 4], attention_mask: [1, 5] } }))).toMatch(
      /seq is 4 .* and 5/,
    )
  })
})

describe('inputs', () => {
  test('are what they mean: ids below the table they index, types zero, positions counting, masks one', () => {
    expect(inspect(embedding(30)).inputs.map(({ fill }) => describeFill(fill))).toEqual([
      'token ids below 30',
      'zeros',
      'positions below 200',
      'ones',
    ])
  })

  test('ids stay below the vocabulary, whatever the seed, and the seed decides them', () => {
    const ids = (seed: number): bigint[] =>
      Array.from(fillInput(inspect(embedding(30)).inputs[0]!, seed) as BigInt64Array)
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(ids(seed).every((id) => id >= 0n && id < 30n)).toBe(true)
        expect(ids(seed)).toEqual(ids(seed))
      }),
      { numRuns: 50 },
    )
    expect(ids(1)).not.toEqual(ids(2))
  })

  test.each([
    ['float32', Float32Array],
    ['float16', Uint16Array],
    ['float64', Float64Array],
    ['int8', Int8Array],
    ['uint8', Uint8Array],
    ['bool', Uint8Array],
    ['int16', Int16Array],
    ['uint16', Uint16Array],
    ['int32', Int32Array],
    ['uint32', Uint32Array],
    ['int64', BigInt64Array],
    ['uint64', BigUint64Array],
    ['string', Array],
  ])('of type %s come as the engine takes them', (dtype, kind) => {
    const data = fillInput(tensor(dtype, { kind: 'ones' }), 1)
    expect(data).toBeInstanceOf(kind)
    expect(data).toHaveLength(6)
  })

  test('of a type that cannot be made are refused, not guessed', () => {
    expect(refusal(() => fillInput(tensor('bfloat16', { kind: 'normal' }), 1))).toMatch(/^model-unsupported/)
  })

  test('half precision is rounded to the nearest even, as IEEE 754 has it', () => {
    expect([0, 1, -2, 65504, 1 / 3, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 1e6, Number.NaN].map(toFloat16)).toEqual([
      0, 0x3c00, 0xc000, 0x7bff, 0x3555, 0x3c00, 0x3c02, 0x7c00, 0x7e00,
    ])
  })
})

const tensor = (dtype: string, fill: Fill): TensorFacts => ({
  name: 'x',
  dtype,
  shape: [2, 3],
  used: [2, 3],
  defaulted: [],
  fill,
})

test('models of a public exporter are understood: costs by hand, sizes that fit', () => {
  const folder = resolve(import.meta.dirname, '../../test/fixtures/models')
  const facts = (name: string): ModelFacts =>
    inspectModel(memorySource(readFileSync(resolve(folder, name))), { path: name })
  expect(facts('external.onnx').macs).toBe(64 * 128 + 128 * 16)
  const [s, d] = [64, 32]
  const transformer = facts('transformer.onnx')
  expect(transformer.inputs[0]!.used).toEqual([1, s])
  expect(transformer.macs).toBe(3 * s * d * d + 2 * s * s * d + 2 * s * d * 4 * d + s * d * 101)
  const stem = 16 * 16 * 16 * 27
  const depthwise = 16 * 16 * 16 * 25
  const down = 8 * 8 * 32 * 16 * 9
  const up = 8 * 8 * 32 * 16 * 4
  expect(facts('convolutional.onnx').macs).toBe(stem + depthwise + down + up + 160)
})
