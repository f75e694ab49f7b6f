// An ONNX model as structure: graph, tensors without their weights, attributes. Field numbers and types after onnx.proto.

/** TensorProto.DataType: name and bits of an element (strings have none). */
export const dataTypes: Readonly<Record<number, { readonly name: string; readonly bits: number }>> = {
  1: { name: 'float32', bits: 32 },
  2: { name: 'uint8', bits: 8 },
  3: { name: 'int8', bits: 8 },
  4: { name: 'uint16', bits: 16 },
  5: { name: 'int16', bits: 16 },
  6: { name: 'int32', bits: 32 },
  7: { name: 'int64', bits: 64 },
  8: { name: 'string', bits: 0 },
  9: { name: 'bool', bits: 8 },
  10: { name: 'float16', bits: 16 },
  11: { name: 'float64', bits: 64 },
  12: { name: 'uint32', bits: 32 },
  13: { name: 'uint64', bits: 64 },
  14: { name: 'complex64', bits: 64 },
  15: { name: 'complex128', bits: 128 },
  16: { name: 'bfloat16', bits: 16 },
  17: { name: 'float8e4m3fn', bits: 8 },
  18: { name: 'float8e4m3fnuz', bits: 8 },
  19: { name: 'float8e5m2', bits: 8 },
  20: { name: 'float8e5m2fnuz', bits: 8 },
  21: { name: 'uint4', bits: 4 },
  22: { name: 'int4', bits: 4 },
  23: { name: 'float4e2m1', bits: 4 },
  24: { name: 'float8e8m0', bits: 8 },
  25: { name: 'uint2', bits: 2 },
  26: { name: 'int2', bits: 2 },
}

export const dtypeName = (dtype: number): string => dataTypes[dtype]?.name ?? `type ${dtype}`

export interface Tensor {
  readonly name: string
  readonly dtype: number
  readonly dims: readonly number[]
  /** Bytes of its data, wherever they lie. */
  readonly bytes: number
  readonly external?: { readonly location: string; readonly offset: number; readonly length: number | undefined }
  /** Small integer and float tensors only: what shapes are computed from. */
  readonly values?: readonly number[]
}

export interface Attribute {
  readonly i?: number
  readonly f?: number
  readonly s?: string
  readonly ints?: readonly number[]
  readonly floats?: readonly number[]
  readonly t?: Tensor
  readonly g?: Graph
}

export interface Node {
  readonly name: string
  readonly op: string
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: ReadonlyMap<string, Attribute>
}

/** A number, the name of a symbolic dimension, or nothing said. */
export type Dimension = number | string | undefined

export interface ValueInfo {
  readonly name: string
  readonly dtype: number
  /** `undefined` when the rank is unknown. */
  readonly shape: readonly Dimension[] | undefined
}

export interface Graph {
  readonly name: string
  readonly nodes: readonly Node[]
  readonly initializers: ReadonlyMap<string, Tensor>
  /** Without those that are initializers. */
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
  readonly values: ReadonlyMap<string, ValueInfo>
}

export interface Model {
  readonly irVersion: number
  readonly producer: string
  /** By domain; the default domain is ''. */
  readonly opsets: ReadonlyMap<string, number>
  readonly graph: Graph
}

export const elements = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1)
