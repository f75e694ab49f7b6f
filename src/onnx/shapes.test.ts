// Shape rules one by one, on graphs of one node, and the arithmetic on shapes that exporters write.
import { describe, expect, test } from 'vitest'
import { totalCost } from './flops.ts'
import { readModel } from './read.ts'
import { inferShapes, sizeOf, type Inferred } from './shapes.ts'
import {
  collect,
  float32Data,
  int64Data,
  memorySource,
  modelPart,
  nodePart,
  tensorPart,
  valuePart,
  type AttributeValue,
  type Part,
} from './write.ts'

type Shape = readonly number[]

const infer = (graph: readonly Part[], inputs: Readonly<Record<string, Shape>>): Inferred => {
  const declared = Object.entries(inputs).map(([name, shape]) => valuePart(11, name, 1, shape))
  const bytes = collect(modelPart('m', 17, [...graph, ...declared], ['com.microsoft']))
  return inferShapes(readModel(memorySource(bytes), 'm'), new Map(Object.entries(inputs)))
}

const ints = (name: string, values: readonly number[]): Part =>
  tensorPart(5, name, 7, [values.length], int64Data(values))

interface Case {
  readonly op: string
  readonly x: readonly Shape[]
  readonly with?: readonly (readonly number[])[]
  readonly attributes?: Readonly<Record<string, AttributeValue>>
  readonly gives: Shape | readonly Shape[]
  readonly macs?: number
  readonly domain?: string
}

// Inputs a, b, … of the shapes `x`, then integer constants `with`. Sizes worked out by hand from the operators' texts.
const cases: readonly Case[] = [
  {
    op: 'Add',
    x: [
      [2, 1, 4],
      [3, 1],
    ],
    gives: [2, 3, 4],
  },
  { op: 'Where', x: [[1], [2, 1], [1, 3]], gives: [2, 3] },
  {
    op: 'Conv',
    x: [
      [1, 3, 32, 32],
      [8, 3, 3, 3],
    ],
    attributes: { strides: [2, 2], pads: [1, 1, 1, 1] },
    gives: [1, 8, 16, 16],
    macs: 8 * 256 * 27,
  },
  {
    op: 'Conv',
    x: [
      [2, 4, 10],
      [6, 2, 3],
    ],
    attributes: { group: 2, dilations: [2] },
    gives: [2, 6, 6],
    macs: 2 * 6 * 6 * 6,
  },
  {
    op: 'Conv',
    x: [
      [1, 1, 5, 5],
      [1, 1, 2, 2],
    ],
    attributes: { auto_pad: 'SAME_UPPER', strides: [2, 2] },
    gives: [1, 1, 3, 3],
    macs: 36,
  },
  {
    op: 'ConvTranspose',
    x: [
      [1, 4, 5, 5],
      [4, 2, 3, 3],
    ],
    attributes: { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
    gives: [1, 2, 10, 10],
    macs: 100 * 18,
  },
  {
    op: 'MaxPool',
    x: [[1, 2, 7, 7]],
    attributes: { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 },
    gives: [1, 2, 4, 4],
  },
  { op: 'AveragePool', x: [[1, 2, 7, 7]], attributes: { kernel_shape: [3, 3], strides: [2, 2] }, gives: [1, 2, 3, 3] },
  { op: 'GlobalAveragePool', x: [[2, 5, 7, 7]], gives: [2, 5, 1, 1] },
  {
    op: 'MatMul',
    x: [
      [5, 1, 2, 3],
      [4, 3, 7],
    ],
    gives: [5, 4, 2, 7],
    macs: 5 * 4 * 2 * 3 * 7,
  },
  { op: 'MatMul', x: [[3], [3, 7]], gives: [7], macs: 21 },
  { op: 'Gemm', x: [[3, 2], [5, 3], [5]], attributes: { transA: 1, transB: 1 }, gives: [2, 5], macs: 30 },
  {
    op: 'FusedMatMul',
    x: [
      [2, 3, 4],
      [2, 5, 4],
    ],
    attributes: { transB: 1 },
    gives: [2, 3, 5],
    macs: 120,
    domain: 'com.microsoft',
  },
  {
    op: 'Einsum',
    x: [
      [2, 3, 4],
      [2, 5, 4],
    ],
    attributes: { equation: 'bik,bjk->bij' },
    gives: [2, 3, 5],
    macs: 120,
  },
  {
    op: 'Einsum',
    x: [
      [2, 7, 3, 4],
      [4, 5],
    ],
    attributes: { equation: '...k,kj->...j' },
    gives: [2, 7, 3, 5],
    macs: 840,
  },
  {
    op: 'LSTM',
    x: [
      [6, 2, 3],
      [1, 16, 3],
      [1, 16, 4],
    ],
    attributes: { hidden_size: 4 },
    gives: [
      [6, 1, 2, 4],
      [1, 2, 4],
      [1, 2, 4],
    ],
    macs: 6 * 2 * 16 * 7,
  },
  {
    op: 'GRU',
    x: [
      [6, 2, 3],
      [2, 12, 3],
      [2, 12, 4],
    ],
    attributes: { hidden_size: 4, direction: 'bidirectional' },
    gives: [
      [6, 2, 2, 4],
      [2, 2, 4],
    ],
    macs: 2 * 6 * 2 * 12 * 7,
  },
  {
    op: 'MultiHeadAttention',
    x: [
      [1, 8, 16],
      [1, 10, 16],
      [1, 10, 16],
    ],
    attributes: { num_heads: 4 },
    gives: [1, 8, 16],
    macs: 8 * 10 * 32,
    domain: 'com.microsoft',
  },
  {
    op: 'Attention',
    x: [[1, 8, 16], [16, 48], [48]],
    attributes: { num_heads: 4 },
    gives: [1, 8, 16],
    macs: 8 * 8 * 32 + 8 * 16 * 48,
    domain: 'com.microsoft',
  },
  {
    op: 'LayerNormalization',
    x: [[2, 3, 4], [4], [4]],
    gives: [
      [2, 3, 4],
      [2, 3, 1],
      [2, 3, 1],
    ],
  },
  { op: 'ReduceMean', x: [[2, 3, 4]], attributes: { axes: [-1], keepdims: 0 }, gives: [2, 3] },
  { op: 'ReduceSum', x: [[2, 3, 4]], with: [[1]], gives: [2, 1, 4] },
  { op: 'ReduceMax', x: [[2, 3, 4]], attributes: { keepdims: 0 }, gives: [] },
  { op: 'ArgMax', x: [[2, 3, 4]], attributes: { axis: 1, keepdims: 0 }, gives: [2, 4] },
  { op: 'Reshape', x: [[2, 3, 4]], with: [[0, -1]], gives: [2, 12] },
  { op: 'Flatten', x: [[2, 3, 4]], attributes: { axis: 2 }, gives: [6, 4] },
  { op: 'Squeeze', x: [[1, 3, 1]], with: [[-1]], gives: [1, 3] },
  { op: 'Squeeze', x: [[1, 3, 1]], gives: [3] },
  { op: 'Unsqueeze', x: [[3, 4]], with: [[0, -1]], gives: [1, 3, 4, 1] },
  { op: 'Transpose', x: [[2, 3, 4]], attributes: { perm: [2, 0, 1] }, gives: [4, 2, 3] },
  {
    op: 'Concat',
    x: [
      [2, 3],
      [2, 5],
    ],
    attributes: { axis: -1 },
    gives: [2, 8],
  },
  {
    op: 'Split',
    x: [[2, 7]],
    with: [[3, 4]],
    attributes: { axis: 1 },
    gives: [
      [2, 3],
      [2, 4],
    ],
  },
  {
    op: 'Split',
    x: [[2, 7]],
    attributes: { axis: 1 },
    gives: [
      [2, 4],
      [2, 3],
    ],
  },
  {
    op: 'Slice',
    x: [[10, 9]],
    with: [
      [1, -1],
      [2 ** 62, -(2 ** 62)],
      [0, 1],
      [3, -2],
    ],
    gives: [3, 5],
  },
  { op: 'Gather', x: [[10, 4]], with: [[1, 2, 3]], attributes: { axis: 0 }, gives: [3, 4] },
  { op: 'Expand', x: [[3, 1]], with: [[2, 1, 6]], gives: [2, 3, 6] },
  { op: 'Tile', x: [[2, 3]], with: [[3, 2]], gives: [6, 6] },
  { op: 'Pad', x: [[2, 3]], with: [[0, 1, 0, 2]], gives: [2, 6] },
  {
    op: 'TopK',
    x: [[2, 9]],
    with: [[4]],
    gives: [
      [2, 4],
      [2, 4],
    ],
  },
  { op: 'DepthToSpace', x: [[1, 8, 2, 3]], attributes: { blocksize: 2 }, gives: [1, 2, 4, 6] },
  { op: 'SpaceToDepth', x: [[1, 2, 4, 6]], attributes: { blocksize: 2 }, gives: [1, 8, 2, 3] },
  { op: 'Softmax', x: [[2, 9]], gives: [2, 9] },
]

describe('one operator', () => {
  test.each(cases)('$op of $x gives $gives', ({ op, x, with: constants = [], attributes, gives, macs = 0, domain }) => {
    const names = [...x, ...constants].map((_, i) => String.fromCodePoint(97 + i))
    const shapes = (Array.isArray(gives[0]) ? gives : [gives]) as readonly Shape[]
    const outputs = shapes.map((_, i) => `y${i}`)
    const inferred = infer(
      [
        nodePart(op, 'n', names, outputs, attributes, domain),
        ...constants.map((values, i) => ints(names[x.length + i]!, values)),
      ],
      Object.fromEntries(x.map((shape, i) => [names[i]!, shape])),
    )
    expect(inferred.problem).toBeUndefined()
    expect(outputs.map((name) => inferred.values.get(name)?.shape)).toEqual(shapes)
    expect(totalCost(inferred)).toMatchObject({ macs, flops: 2 * macs })
  })
})

describe('shapes computed in the graph', () => {
  test('a reshape to sizes that were cut out, multiplied and put together again', () => {
    const inferred = infer(
      [
        nodePart('Shape', 's', ['x'], ['shape']),
        nodePart('Slice', 'cut', ['shape', 'zero', 'two'], ['front']),
        nodePart('Gather', 'g', ['shape', 'minus'], ['last']),
        nodePart('Div', 'd', ['last', 'four'], ['width']),
        nodePart('Concat', 'c', ['front', 'four', 'width'], ['to'], { axis: 0 }),
        nodePart('Reshape', 'r', ['x', 'to'], ['y']),
        nodePart('ReduceProd', 'p', ['shape'], ['count'], { keepdims: 0 }),
        nodePart('Range', 'range', ['start', 'count', 'step'], ['numbers']),
        nodePart('ConstantOfShape', 'zeros', ['to'], ['z']),
        ints('zero', [0]),
        ints('two', [2]),
        ints('four', [4]),
        ints('minus', [-1]),
        tensorPart(5, 'start', 7, [], int64Data([0])),
        tensorPart(5, 'step', 7, [], int64Data([1])),
      ],
      { x: [2, 5, 32] },
    )
    expect(inferred.problem).toBeUndefined()
    expect(inferred.values.get('to')?.values).toEqual([2, 5, 4, 8])
    for (const [name, shape] of [
      ['y', [2, 5, 4, 8]],
      ['numbers', [320]],
      ['z', [2, 5, 4, 8]],
    ] as const)
      expect(inferred.values.get(name)?.shape).toEqual(shape)
  })

  test('of an If with a known condition only the branch that runs is counted', () => {
    const branch = (weight: string): readonly Part[] => [
      nodePart('MatMul', `m${weight}`, ['x', weight], [`y${weight}`]),
      valuePart(12, `y${weight}`, 1, ['a', 'b']),
    ]
    const graph = (condition: string): readonly Part[] => [
      nodePart('If', 'if', [condition], ['y'], {
        then_branch: { graph: branch('w') },
        else_branch: { graph: branch('v') },
      }),
      tensorPart(5, 'w', 1, [4, 2], float32Data([1, 2, 3, 4, 5, 6, 7, 8])),
      tensorPart(5, 'v', 1, [4, 3], float32Data([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])),
      ints('yes', [1]),
    ]
    const known = infer(graph('yes'), { x: [1, 4] })
    expect(known.values.get('y')?.shape).toEqual([1, 2])
    expect(totalCost(known)).toMatchObject({ macs: 8 })
    expect(totalCost(infer(graph('given'), { x: [1, 4], given: [1] }))).toEqual({
      unknown: expect.stringContaining('depends on data'),
    })
  })

  test('a loop of known length counts its body that often', () => {
    const body = [
      nodePart('MatMul', 'm', ['state', 'w'], ['next']),
      valuePart(11, 'i', 7, []),
      valuePart(11, 'on', 9, []),
      valuePart(11, 'state', 1, ['n', 4]),
      valuePart(12, 'on', 9, []),
      valuePart(12, 'next', 1, ['n', 4]),
    ]
    const inferred = infer(
      [
        nodePart('Loop', 'loop', ['trips', '', 'x'], ['y'], { body: { graph: body } }),
        tensorPart(5, 'trips', 7, [], int64Data([7])),
        tensorPart(5, 'w', 1, [4, 4], float32Data(Array.from({ length: 16 }, () => 1))),
      ],
      { x: [3, 4] },
    )
    expect(inferred.values.get('y')?.shape).toEqual([3, 4])
    expect(totalCost(inferred)).toMatchObject({ macs: 7 * 48 })
  })

  test('an operator nobody knows leaves the cost unknown and says why', () => {
    const inferred = infer([nodePart('Magic', 'm', ['x'], ['y'], {}, 'org.example')], { x: [1] })
    expect(totalCost(inferred)).toEqual({ unknown: expect.stringContaining('org.example.Magic') })
  })

  test('sizes that contradict each other are a conflict, not a crash', () => {
    expect(infer([nodePart('Add', 'a', ['x', 'y'], ['z'])], { x: [3], y: [4] }).conflict).toMatch(/Add a/)
  })
})

test('symbolic dimensions may be sums and products of names', () => {
  const symbols = new Map([
    ['past', 5],
    ['batch', 2],
  ])
  expect(sizeOf('past + 1', symbols)).toBe(6)
  expect(sizeOf('2*batch + past - 1', symbols)).toBe(8)
  expect(sizeOf('other + 1', symbols)).toBeUndefined()
})
