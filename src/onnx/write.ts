// Writes ONNX models: what the zoo and the tests need of the format. Weights are drawn while they are written, so a model
// of any size passes through a small buffer; its structure can be read without drawing any.
import type { ByteSource } from '../run/ports.ts'

/** A run of bytes that is there, or that `fill` draws when asked. */
export type Leaf =
  | { readonly kind: 'bytes'; readonly length: number; readonly bytes: Uint8Array }
  | {
      readonly kind: 'drawn'
      readonly length: number
      /** Names what is drawn, for fingerprints. */
      readonly key: string
      /** Gives the values in order, a block at a time; a block is valid until the next. */
      readonly draw: (out: (block: Float32Array) => void) => void
    }

/** Bytes that know how long they are before they exist. */
export interface Part {
  readonly length: number
  leaves(visit: (leaf: Leaf) => void): void
}

const encoder = new TextEncoder()

const bytesPart = (bytes: Uint8Array): Part => ({
  length: bytes.length,
  leaves: (visit) => visit({ kind: 'bytes', length: bytes.length, bytes }),
})

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  do {
    const low = Number(rest & 127n)
    rest >>= 7n
    bytes.push(rest > 0n ? low | 128 : low)
  } while (rest > 0n)
  return Uint8Array.from(bytes)
}

const concat = (...parts: readonly Part[]): Part => ({
  length: parts.reduce((sum, part) => sum + part.length, 0),
  leaves: (visit) => parts.forEach((part) => part.leaves(visit)),
})

/** A varint field; negative numbers take ten bytes, as protobuf has it. */
export const integer = (field: number, value: number): Part =>
  concat(bytesPart(varint(field * 8)), bytesPart(varint(value)))

export const message = (field: number, ...parts: readonly Part[]): Part => {
  const body = concat(...parts)
  return concat(bytesPart(varint(field * 8 + 2)), bytesPart(varint(body.length)), body)
}

export const text = (field: number, value: string): Part => message(field, bytesPart(encoder.encode(value)))

const float = (field: number, value: number): Part => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value, true)
  return concat(bytesPart(varint(field * 8 + 5)), bytesPart(bytes))
}

export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  /** Made by `tensorPart(5, …)`. */
  | { readonly tensor: Part }
  /** Fields of a GraphProto. */
  | { readonly graph: readonly Part[] }

/** A NodeProto as field 1 of a graph. Plain numbers are integers; floats are marked. */
export function nodePart(
  op: string,
  name: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
  domain: string = '',
): Part {
  return message(
    1,
    ...inputs.map((input) => text(1, input)),
    ...outputs.map((output) => text(2, output)),
    text(3, name),
    text(4, op),
    ...Object.entries(attributes).map(([key, value]) => attributePart(key, value)),
    ...(domain === '' ? [] : [text(7, domain)]),
  )
}

/** AttributeProto.AttributeType. */
const attributeTypes = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, ints: 7 } as const

function attributePart(name: string, value: AttributeValue): Part {
  const of = (kind: keyof typeof attributeTypes, ...content: readonly Part[]): Part =>
    message(5, text(1, name), ...content, integer(20, attributeTypes[kind]))
  if (typeof value === 'number') return of('int', integer(3, value))
  if (typeof value === 'string') return of('string', text(4, value))
  if ('float' in value) return of('float', float(2, value.float))
  if ('tensor' in value) return of('tensor', value.tensor)
  if ('graph' in value) return of('graph', message(6, ...value.graph))
  return of('ints', ...value.map((item) => integer(8, item)))
}

/** A TensorProto with raw data; `field` is 5 as an initializer, 5 in an attribute too. */
export const tensorPart = (field: number, name: string, dtype: number, dims: readonly number[], data: Part): Part =>
  message(field, ...dims.map((dim) => integer(1, dim)), integer(2, dtype), text(8, name), message(9, data))

/** An initializer whose bytes lie in another file. */
export const externalTensorPart = (
  name: string,
  dtype: number,
  dims: readonly number[],
  at: { readonly location: string; readonly offset: number; readonly length: number },
): Part =>
  message(
    5,
    ...dims.map((dim) => integer(1, dim)),
    integer(2, dtype),
    text(8, name),
    ...Object.entries(at).map(([key, value]) => message(13, text(1, key), text(2, String(value)))),
    integer(14, 1),
  )

export const int64Data = (values: readonly number[]): Part =>
  bytesPart(new Uint8Array(BigInt64Array.from(values, BigInt).buffer))

export const float32Data = (values: readonly number[]): Part =>
  bytesPart(new Uint8Array(Float32Array.from(values).buffer))

/** Float32 values that are drawn only when the model is written. */
export const drawnData = (count: number, key: string, draw: (out: (block: Float32Array) => void) => void): Part => ({
  length: count * 4,
  leaves: (visit) => visit({ kind: 'drawn', length: count * 4, key, draw }),
})

/** A ValueInfoProto: `field` 11 for inputs, 12 for outputs, 13 within; names stand for symbolic dimensions. */
export const valuePart = (field: number, name: string, dtype: number, shape: readonly (number | string)[]): Part =>
  message(
    field,
    text(1, name),
    message(
      2,
      message(
        1,
        integer(1, dtype),
        message(2, ...shape.map((dim) => message(1, typeof dim === 'number' ? integer(1, dim) : text(2, dim)))),
      ),
    ),
  )

/** A whole ModelProto. @param graph fields of the graph in any order */
export const modelPart = (name: string, opset: number, graph: readonly Part[], domains: readonly string[] = []): Part =>
  concat(
    integer(1, 8),
    text(2, 'tailwatt'),
    message(7, ...graph, text(2, name)),
    message(8, text(1, ''), integer(2, opset)),
    ...domains.map((domain) => message(8, text(1, domain), integer(2, 1))),
  )

/** Gives the bytes in order, drawn ones included; a piece is valid until the next. */
export function writePart(part: Part, out: (bytes: Uint8Array) => void): void {
  part.leaves((leaf) => {
    if (leaf.kind === 'bytes') out(leaf.bytes)
    else leaf.draw((block) => out(new Uint8Array(block.buffer, block.byteOffset, block.byteLength)))
  })
}

/** All bytes in memory; for small models. */
export function collect(part: Part): Uint8Array {
  const bytes = new Uint8Array(part.length)
  let at = 0
  writePart(part, (piece) => {
    bytes.set(piece, at)
    at += piece.length
  })
  return bytes
}

/** A hash (FNV-1a, 64 bits, hex) of all that is written and of what is drawn, without drawing it. */
export function fingerprint(part: Part): string {
  let low = 0x84222325
  let high = 0xcbf29ce4
  const add = (bytes: Uint8Array): void => {
    for (const byte of bytes) {
      low = (low ^ byte) >>> 0
      // Times the prime 2⁴⁰ + 0x1b3, in 32-bit halves.
      const product = low * 0x1b3
      high = (Math.imul(high, 0x1b3) + Math.floor(product / 4294967296) + (low << 8)) >>> 0
      low = product >>> 0
    }
  }
  part.leaves((leaf) => add(leaf.kind === 'bytes' ? leaf.bytes : encoder.encode(`${leaf.key} ${leaf.length};`)))
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
}

/** Bytes in memory as a source. */
export const memorySource = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
  close: () => undefined,
})

/** A model as a source before it is written: what would be drawn reads as zeros. For reading structure. */
export function outlineSource(part: Part): ByteSource {
  const starts: number[] = []
  const leaves: Leaf[] = []
  let size = 0
  part.leaves((leaf) => {
    starts.push(size)
    leaves.push(leaf)
    size += leaf.length
  })
  return {
    size,
    read: (offset, length) => {
      // Past a drawn leaf nobody wants to read on: the reader seeks.
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)))
      let low = 0
      for (let high = starts.length; high - low > 1;) {
        const middle = (low + high) >> 1
        if (starts[middle]! <= offset) low = middle
        else high = middle
      }
      for (let i = low; i < leaves.length && starts[i]! < offset + bytes.length; i++) {
        const leaf = leaves[i]!
        if (leaf.kind === 'drawn') continue
        const from = Math.max(0, offset - starts[i]!)
        const at = starts[i]! + from - offset
        bytes.set(leaf.bytes.subarray(from, from + bytes.length - at), at)
      }
      return bytes
    },
    close: () => undefined,
  }
}
