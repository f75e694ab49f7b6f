// The reader against models written here and by PyTorch's exporter, against files that are no models, and against damage.
import * as fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TailwattError } from '../base/errors.ts'
import type { ByteSource } from '../run/ports.ts'
import { inspectModel } from './inspect.ts'
import { readModel } from './read.ts'
import {
  collect,
  drawnData,
  externalTensorPart,
  fingerprint,
  float32Data,
  int64Data,
  memorySource,
  modelPart,
  nodePart,
  outlineSource,
  tensorPart,
  valuePart,
  type Part,
} from './write.ts'

const fixtures = resolve(import.meta.dirname, '../../test/fixtures/models')

const small = (): Part =>
  modelPart('small', 17, [
    nodePart('Conv', 'c', ['x', 'w'], ['y'], { strides: [2, 2], group: 1, auto_pad: 'SAME_UPPER' }),
    nodePart('Clip', 'limit', ['y', '', 'six'], ['z']),
    nodePart('LeakyRelu', 'leak', ['z'], ['u'], { alpha: { float: 0.25 } }),
    nodePart('Reshape', 'r', ['u', 'to'], ['out']),
    tensorPart(5, 'w', 1, [4, 3, 3, 3], float32Data(Array.from({ length: 108 }, (_, i) => i / 100))),
    tensorPart(5, 'six', 1, [], float32Data([6])),
    tensorPart(5, 'to', 7, [2], int64Data([0, -1])),
    valuePart(11, 'x', 1, ['batch', 3, 8, 8]),
    valuePart(12, 'out', 1, ['batch', 64]),
  ])

const failure = (bytes: Uint8Array): TailwattError | undefined => {
  try {
    readModel(memorySource(bytes), 'm.onnx')
    return undefined
  } catch (error) {
    if (error instanceof TailwattError) return error
    throw error
  }
}

const message = (bytes: Uint8Array | string): unknown =>
  failure(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes)?.data['message']

describe('reading', () => {
  test('gives back nodes, attributes, constants and shapes as they were written', () => {
    const model = readModel(memorySource(collect(small())), 'm')
    const { graph } = model
    expect(model.opsets.get('')).toBe(17)
    expect(graph.nodes.map((node) => `${node.op}(${node.inputs}) -> ${node.outputs}`)).toEqual([
      'Conv(x,w) -> y',
      'Clip(y,,six) -> z',
      'LeakyRelu(z) -> u',
      'Reshape(u,to) -> out',
    ])
    expect(graph.nodes[0]!.attributes.get('strides')?.ints).toEqual([2, 2])
    expect(graph.nodes[0]!.attributes.get('auto_pad')?.s).toBe('SAME_UPPER')
    expect(graph.nodes[2]!.attributes.get('alpha')?.f).toBe(0.25)
    expect(graph.initializers.get('to')).toMatchObject({ dims: [2], dtype: 7, bytes: 16, values: [0, -1] })
    expect(graph.initializers.get('w')?.values).toBeUndefined()
    expect(graph.inputs).toEqual([{ name: 'x', dtype: 1, shape: ['batch', 3, 8, 8] }])
  })

  test('never reads the weights of a gigabyte, and little besides', () => {
    const weights = drawnData(1 << 28, 'zeros', () => {
      throw new Error('drawn')
    })
    const source = outlineSource(
      modelPart('big', 17, [
        nodePart('MatMul', 'm', ['x', 'w'], ['y']),
        tensorPart(5, 'w', 1, [1 << 14, 1 << 14], weights),
        valuePart(11, 'x', 1, ['n', 1 << 14]),
        valuePart(12, 'y', 1, ['n', 1 << 14]),
      ]),
    )
    let read = 0
    const counting: ByteSource = {
      ...source,
      read: (offset, length) => {
        const bytes = source.read(offset, length)
        read += bytes.length
        return bytes
      },
    }
    expect(readModel(counting, 'big').graph.initializers.get('w')?.bytes).toBe(2 ** 30)
    expect(read).toBeLessThan(100_000)
  })

  test('lists where external weights lie, and says when that file is missing or short', () => {
    const at = { location: 'weights.bin', offset: 64, length: 400 }
    const source = memorySource(
      collect(
        modelPart('e', 17, [
          nodePart('Add', 'a', ['x', 'w'], ['y']),
          externalTensorPart('w', 1, [100], at),
          valuePart(11, 'x', 1, [100]),
          valuePart(12, 'y', 1, [100]),
        ]),
      ),
    )
    expect(readModel(source, 'e').graph.initializers.get('w')?.external).toEqual(at)
    expect(inspectModel(source, { path: 'e', external: () => 464 }).bytes).toBe(source.size + 464)
    expect(() => inspectModel(source, { path: 'e', external: () => undefined })).toThrow('weights.bin is not there')
    expect(() => inspectModel(source, { path: 'e', external: () => 400 })).toThrow('holds 400 bytes of 464')
  })

  test('agrees with the onnx package about models of a public exporter', () => {
    const facts = JSON.parse(readFileSync(resolve(fixtures, 'facts.json'), 'utf8')) as Record<string, FixtureFacts>
    expect(Object.keys(facts)).toHaveLength(3)
    for (const [name, expected] of Object.entries(facts)) {
      const model = readModel(memorySource(readFileSync(resolve(fixtures, name))), name)
      const operators: Record<string, number> = {}
      for (const { op } of model.graph.nodes) operators[op] = (operators[op] ?? 0) + 1
      const tensors = [...model.graph.initializers.values()]
      expect({
        ir_version: model.irVersion,
        opset: model.opsets.get(''),
        nodes: model.graph.nodes.length,
        operators,
        initializers: Object.fromEntries(tensors.map((tensor) => [tensor.name, tensor.dims])),
        inputs: model.graph.inputs.map((input) => [input.name, input.shape]),
        outputs: model.graph.outputs.map((output) => [output.name, output.shape]),
      }).toEqual(expected)
    }
  })
})

interface FixtureFacts {
  readonly nodes: number
}

describe('files that are no models', () => {
  test('each gets one sentence that says what is wrong', () => {
    expect(message('')).toBe('the file is empty')
    expect(message('version https://git-lfs.github.com/spec/v1\noid sha256:0')).toMatch(/Git LFS pointer/)
    expect(message('<!DOCTYPE html><html>')).toMatch(/web page/)
    expect(message('{"a": 1}')).toMatch(/JSON/)
    expect(message('PK\u0003\u0004 and so on')).toMatch(/zip archive/)
    expect(failure(new TextEncoder().encode('just a text'))?.code).toBe('model-not-onnx')
    expect(failure(new Uint8Array(1000))?.code).toBe('model-not-onnx')
  })

  test('a model cut short at any byte is refused, not half read', () => {
    const bytes = collect(small())
    // What follows the graph is the opset, without which there is still a whole graph.
    const graphEnd = bytes.length - 6
    for (let length = 0; length < graphEnd; length++)
      expect(failure(bytes.subarray(0, length))?.code, `${length} bytes`).toBe('model-not-onnx')
  })

  test('damage anywhere gives a model or an error of ours, within what the file is worth', () => {
    const originals = [
      collect(small()),
      ...['convolutional.onnx', 'transformer.onnx', 'external.onnx'].map((name) =>
        readFileSync(resolve(fixtures, name)),
      ),
    ]
    const damage = fc.record({
      which: fc.nat(originals.length - 1),
      edits: fc.array(
        fc.record({
          at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
          bytes: fc.uint8Array({ minLength: 1, maxLength: 10 }),
        }),
        { minLength: 1, maxLength: 6 },
      ),
      cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 8 }),
    })
    fc.assert(
      fc.property(damage, ({ which, edits, cut }) => {
        const bytes = Uint8Array.from(originals[which]!)
        for (const edit of edits) {
          const at = Math.floor(edit.at * bytes.length)
          bytes.set(edit.bytes.subarray(0, bytes.length - at), at)
        }
        const rest = cut === null ? bytes : bytes.subarray(0, Math.floor(cut * bytes.length))
        try {
          inspectModel(memorySource(rest), { path: 'damaged' })
        } catch (error) {
          if (!(error instanceof TailwattError)) throw error
        }
      }),
      { numRuns: 3000 },
    )
  })

  test('graphs nested without end are refused', () => {
    let graph = [nodePart('Relu', 'r', ['x'], ['y'])]
    for (let i = 0; i < 40; i++) graph = [nodePart('If', 'i', ['c'], ['y'], { then_branch: { graph } })]
    expect(message(collect(modelPart('deep', 17, graph)))).toMatch(/deep within each other/)
  })

  test('a tensor that claims more elements than there can be is refused', () => {
    const bytes = collect(
      modelPart('huge', 17, [
        nodePart('Relu', 'r', ['w'], ['y']),
        tensorPart(5, 'w', 1, [2 ** 40, 2 ** 40], float32Data([1])),
      ]),
    )
    expect(message(bytes)).toMatch(/too many elements/)
  })
})

test('a fingerprint changes with structure and with what is drawn, and is the known hash', () => {
  const drawn = (key: string): Part =>
    modelPart('m', 17, [
      tensorPart(
        5,
        'w',
        1,
        [4],
        drawnData(4, key, () => undefined),
      ),
    ])
  expect(fingerprint(drawn('a'))).toBe(fingerprint(drawn('a')))
  expect(fingerprint(drawn('a'))).not.toBe(fingerprint(drawn('b')))
  // FNV-1a of 'foobar', from the authors' test vectors.
  const bytes = new TextEncoder().encode('foobar')
  const leaf: Part = { length: 6, leaves: (visit) => visit({ kind: 'bytes', length: 6, bytes }) }
  expect(fingerprint(leaf)).toBe('85944171f73967e8')
})
