// Writes ONNX models: what the zoo and the tests need of the format. Weights are drawn while they are written, so a model
// of any size passes through a small buffer.

/** Bytes that know how long they are before they exist. */
export interface Part {
  readonly length: number
  write(out: (bytes: Uint8Array) => void): void
}

const encoder = new TextEncoder()

const bytesPart = (bytes: Uint8Array): Part => ({ length: bytes.length, write: (out) => out(bytes) })

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
  write: (out) => parts.forEach((part) => part.write(out)),
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
  | { readonly tensor: Part }

/** A NodeProto as field 1 of a graph. Plain numbers are integers; floats are marked. */
export function nodePart(
  op: string,
  name: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): Part {
  return message(
    1,
    ...inputs.map((input) => text(1, input)),
    ...outputs.map((output) => text(2, output)),
    text(3, name),
    text(4, op),
    ...Object.entries(attributes).map(([key, value]) => attributePart(key, value)),
  )
}

function attributePart(name: string, value: AttributeValue): Part {
  const kinds = { float: 1, int: 2, string: 3, tensor: 4, ints: 7 } as const
  if (typeof value === 'number') return message(5, text(1, name), integer(3, value), integer(20, kinds.int))
  if (typeof value === 'string') return message(5, text(1, name), text(4, value), integer(20, kinds.string))
  if ('float' in value) return message(5, text(1, name), float(2, value.float), integer(20, kinds.float))
  if ('tensor' in value) return message(5, text(1, name), value.tensor, integer(20, kinds.tensor))
  return message(5, text(1, name), ...value.map((item) => integer(8, item)), integer(20, kinds.ints))
}

/** A TensorProto with raw data; `field` is 5 as an initializer, 5 in an attribute too. */
export const tensorPart = (field: number, name: string, dtype: number, dims: readonly number[], data: Part): Part =>
  message(field, ...dims.map((dim) => integer(1, dim)), integer(2, dtype), text(8, name), message(9, data))

export const int64Data = (values: readonly number[]): Part =>
  bytesPart(new Uint8Array(BigInt64Array.from(values, BigInt).buffer))

export const float32Data = (values: readonly number[]): Part =>
  bytesPart(new Uint8Array(Float32Array.from(values).buffer))

/** Float32 values drawn in blocks by `fill`, which gets each block in turn. */
export const generatedData = (count: number, fill: (block: Float32Array) => void): Part => ({
  length: count * 4,
  write: (out) => {
    for (let left = count; left > 0;) {
      const block = new Float32Array(Math.min(left, 1 << 16))
      fill(block)
      out(new Uint8Array(block.buffer))
      left -= block.length
    }
  },
})

/** A ValueInfoProto: `field` 11 for inputs, 12 for outputs; names stand for symbolic dimensions. */
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
export const modelPart = (name: string, opset: number, graph: readonly Part[]): Part =>
  concat(
    integer(1, 8),
    text(2, 'tailwatt'),
    message(7, ...graph, text(2, name)),
    message(8, text(1, ''), integer(2, opset)),
  )

/** All bytes in memory; for small models. */
export function collect(part: Part): Uint8Array {
  const bytes = new Uint8Array(part.length)
  let at = 0
  part.write((piece) => {
    bytes.set(piece, at)
    at += piece.length
  })
  return bytes
}

/** Bytes in memory as a source. */
export const memorySource = (bytes: Uint8Array): import('../run/ports.ts').ByteSource => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
  close: () => undefined,
})
