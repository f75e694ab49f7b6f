// Inputs that are valid for their meaning: token ids below the vocabulary their embedding has, masks of ones, positions
// that count up, normal numbers where an image or features go. What a value means is traced in the graph, then guessed by
// its name. Drawing is seeded: the same seed gives the same request.
import { Random } from '../base/random.ts'
import { TailwattError } from '../base/errors.ts'
import type { Fill, TensorFacts } from '../run/manifest.ts'
import { dtypeName, elements, type Graph, type ValueInfo } from './model.ts'

/** For people. */
export function describeFill(fill: Fill): string {
  if (fill.kind === 'ids') return `token ids below ${fill.below}`
  if (fill.kind === 'positions') return `positions below ${fill.below}`
  if (fill.kind === 'length') return `the length ${fill.value}`
  return fill.kind
}

/** Ids of inputs whose use the graph does not show: every vocabulary is larger. */
const safeVocabulary = 100

/** @param used the shape it will run with @param sequence length of the sequences beside it, if there are any */
export function planFill(graph: Graph, input: ValueInfo, used: readonly number[], sequence: number): Fill {
  const dtype = dtypeName(input.dtype)
  const name = input.name.toLowerCase()
  if (dtype === 'string') return { kind: 'text' }
  if (/mask/.test(name)) return { kind: 'ones' }
  if (dtype === 'bool') return { kind: /use_cache/.test(name) ? 'zeros' : 'ones' }
  if (!/^u?int/.test(dtype)) return { kind: /past|cache/.test(name) ? 'zeros' : 'normal' }
  const below = tableSize(graph, input.name)
  if (/token_?type|segment|type_ids/.test(name)) return { kind: 'zeros' }
  if (/position/.test(name)) return { kind: 'positions', below: below ?? Math.max(1, used.at(-1) ?? 1) }
  if (below !== undefined) return { kind: 'ids', below }
  if (/len|seqlens/.test(name) && used.length <= 1) return { kind: 'length', value: sequence }
  if (/ids|tokens?$|word|input/.test(name) && dtype.startsWith('int') && dtype !== 'int8')
    return { kind: 'ids', below: safeVocabulary }
  return dtype === 'uint8' || dtype === 'int8' ? { kind: 'bytes' } : { kind: 'ones' }
}

/** Operators behind which a number is still the same index. */
const carriers = new Set(
  'Cast Identity Reshape Squeeze Unsqueeze Flatten Transpose Slice Expand Concat Clip Where Dropout Tile Max Min'.split(
    ' ',
  ),
)

/** Rows of the smallest table that the input indexes, found forward from it; `undefined` when it indexes none. */
export function tableSize(graph: Graph, input: string): number | undefined {
  const tables = new Map<string, number>()
  for (const tensor of graph.initializers.values())
    if (tensor.dims.length >= 2) tables.set(tensor.name, tensor.dims[0]!)
  const reached = new Set([input])
  let smallest: number | undefined
  const indexes = (table: string | undefined): void => {
    const rows = tables.get(table ?? '')
    if (rows !== undefined && rows > 0) smallest = Math.min(smallest ?? rows, rows)
  }
  // Nodes lie in the order they run, so once over them is enough.
  for (const node of graph.nodes) {
    const { op, inputs, outputs } = node
    const [first = '', second = ''] = inputs
    const constant = node.attributes.get('value')?.t
    if (op === 'Constant' && constant && constant.dims.length >= 2) tables.set(outputs[0] ?? '', constant.dims[0]!)
    if ((op === 'Cast' || op === 'DequantizeLinear' || op === 'Identity') && tables.has(first))
      tables.set(outputs[0] ?? '', tables.get(first)!)
    if ((op === 'Gather' || op === 'GatherBlockQuantized') && reached.has(second)) {
      const axis = node.attributes.get(op === 'Gather' ? 'axis' : 'gather_axis')?.i ?? 0
      if (axis === 0) indexes(first)
    }
    if (op === 'EmbedLayerNormalization') {
      if (reached.has(first)) indexes(inputs[2])
      if (reached.has(second)) indexes(inputs[4])
    }
    // Selecting from the ids with an index keeps them ids.
    const carries =
      (carriers.has(op) && inputs.some((name) => reached.has(name))) || (op === 'Gather' && reached.has(first))
    if (carries) for (const output of outputs) reached.add(output)
  }
  return smallest
}

/** What an engine's tensor is made of; float16 as its bits. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | readonly string[]

type Typed = Exclude<TensorData, readonly string[]>

const arrays: Readonly<Record<string, (count: number) => Typed>> = {
  float32: (count) => new Float32Array(count),
  float64: (count) => new Float64Array(count),
  float16: (count) => new Uint16Array(count),
  int8: (count) => new Int8Array(count),
  uint8: (count) => new Uint8Array(count),
  bool: (count) => new Uint8Array(count),
  int16: (count) => new Int16Array(count),
  uint16: (count) => new Uint16Array(count),
  int32: (count) => new Int32Array(count),
  uint32: (count) => new Uint32Array(count),
  int64: (count) => new BigInt64Array(count),
  uint64: (count) => new BigUint64Array(count),
}

/** Whether inputs of this type can be made. */
export const canFill = (dtype: string): boolean => dtype === 'string' || Object.hasOwn(arrays, dtype)

/**
 * Values of one input, as many as its `used` shape holds.
 * @throws TailwattError `model-unsupported` for an element type no JavaScript engine takes
 * @example new ort.Tensor(input.dtype, fillInput(input, seed), input.used)
 */
export function fillInput(input: TensorFacts, seed: number): TensorData {
  const count = elements(input.used)
  const { fill } = input
  if (input.dtype === 'string') return Array.from({ length: count }, (_, i) => `text ${i}`)
  const make = Object.hasOwn(arrays, input.dtype) ? arrays[input.dtype] : undefined
  if (!make) {
    const message = `no values can be made for the input ${input.name} of type ${input.dtype}`
    throw new TailwattError('model-unsupported', { path: input.name, message })
  }
  const data = make(count)
  const draw = drawing(fill, new Random(seed ^ hash(input.name)), input.used.at(-1) ?? 1)
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    for (let i = 0; i < count; i++) data[i] = BigInt(Math.trunc(draw(i)))
  else if (input.dtype === 'float16') for (let i = 0; i < count; i++) data[i] = toFloat16(draw(i))
  else for (let i = 0; i < count; i++) data[i] = draw(i)
  return data
}

function drawing(fill: Fill, random: Random, width: number): (i: number) => number {
  switch (fill.kind) {
    case 'ones':
      return () => 1
    case 'ids':
      return () => random.below(fill.below)
    case 'positions':
      return (i) => (i % Math.max(1, width)) % Math.max(1, fill.below)
    case 'bytes':
      return () => random.below(256)
    case 'length':
      return () => fill.value
    case 'normal':
      return () => random.normal()
    case 'zeros':
    case 'text':
      return () => 0
  }
}

function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h
}

const floatBits = new Float32Array(1)
const intBits = new Uint32Array(floatBits.buffer)

/** Bits of the nearest half-precision number, ties to even; numbers below 2⁻¹⁴ become 0, for denormals are slow. */
export function toFloat16(x: number): number {
  floatBits[0] = x
  const bits = intBits[0]!
  const sign = (bits >>> 16) & 0x8000
  const magnitude = bits & 0x7fffffff
  if (magnitude > 0x7f800000) return 0x7e00
  if (magnitude < 0x38800000) return sign
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1)
  if (rounded >= 0x47800000) return sign | 0x7c00
  return sign | ((rounded - 0x38000000) >>> 13)
}
