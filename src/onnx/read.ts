// Reads the structure of an ONNX model and seeks past its weights: milliseconds for gigabytes. Small constants are kept,
// for shapes are computed from them. Field numbers: onnx.proto (onnx/onnx, 2026-08).
import { TailwattError } from '../base/errors.ts'
import type { ByteSource } from '../run/ports.ts'
import { foreignKind } from './foreign-kind.ts'
import {
  dataTypes,
  elements,
  type Attribute,
  type Dimension,
  type Graph,
  type Model,
  type Node,
  type Tensor,
  type ValueInfo,
} from './model.ts'
import { rawReaders, byteSize } from './raw-tensor.ts'
import { Wire, WireError, type Field } from './wire.ts'

/** Tensors of integers up to this many elements keep their values; of others, a few: factors of sizes, no weights. */
const keptElements = 1024

const keptFloats = 16

const integers = new Set([2, 3, 4, 5, 6, 7, 9, 12, 13])

const maxRank = 64

const noAttributes: ReadonlyMap<string, Attribute> = new Map()

/** Subgraphs within subgraphs. */
const maxDepth = 32

/** @throws TailwattError `model-not-onnx` for anything that is not a whole ONNX model. */
export function readModel(source: ByteSource, path: string): Model {
  const reject = (message: string): never => {
    throw new TailwattError('model-not-onnx', { path, message })
  }
  if (source.size === 0) reject('the file is empty')
  try {
    const alien = foreignKind(source)
    if (alien !== undefined) reject(alien)
    const reader = new ModelReader(new Wire(source))
    const model = reader.model()
    if (!model) return reject('it holds no graph')
    if (model.graph.nodes.length === 0) reject('its graph has no node')
    return model
  } catch (error) {
    if (error instanceof WireError) reject(error.message)
    throw error
  }
}

class ModelReader {
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  model(): Model | undefined {
    let irVersion = 0
    let producer = ''
    let graph: Graph | undefined
    const opsets = new Map<string, number>()
    this.#wire.fields(0, this.#wire.size, (field) => {
      if (field.number === 1 && field.type === 0) irVersion = field.value
      else if (field.number === 2 && field.type === 2) producer = this.#wire.text(field.from, field.to)
      else if (field.number === 7 && field.type === 2) graph = this.#graph(field, 0)
      else if (field.number === 8 && field.type === 2) {
        let domain = ''
        let version = 0
        this.#wire.fields(field.from, field.to, (part) => {
          if (part.number === 1 && part.type === 2) domain = this.#wire.text(part.from, part.to)
          else if (part.number === 2 && part.type === 0) version = part.value
        })
        opsets.set(domain === 'ai.onnx' ? '' : domain, version)
      }
    })
    return graph && { irVersion, producer, opsets, graph }
  }

  #graph(at: Field, depth: number): Graph {
    if (depth > maxDepth) throw new WireError(`graphs lie more than ${maxDepth} deep within each other`)
    let name = ''
    const nodes: Node[] = []
    const initializers = new Map<string, Tensor>()
    const inputs: ValueInfo[] = []
    const outputs: ValueInfo[] = []
    const values = new Map<string, ValueInfo>()
    this.#wire.fields(at.from, at.to, (field) => {
      if (field.type !== 2) return
      if (field.number === 1) nodes.push(this.#node(field, depth))
      else if (field.number === 2) name = this.#wire.text(field.from, field.to)
      else if (field.number === 5) {
        const tensor = this.#tensor(field)
        initializers.set(tensor.name, tensor)
      } else if (field.number === 15) {
        // Sparse: its values tensor carries the name and the bytes.
        this.#wire.fields(field.from, field.to, (part) => {
          if (part.number !== 1 || part.type !== 2) return
          const tensor = this.#tensor(part)
          initializers.set(tensor.name, tensor)
        })
      } else if (field.number === 11) inputs.push(this.#valueInfo(field))
      else if (field.number === 12) outputs.push(this.#valueInfo(field))
      else if (field.number === 13) {
        const info = this.#valueInfo(field)
        values.set(info.name, info)
      }
    })
    return {
      name,
      nodes,
      initializers,
      inputs: inputs.filter((input) => !initializers.has(input.name)),
      outputs,
      values,
    }
  }

  #node(at: Field, depth: number): Node {
    let name = ''
    let op = ''
    let domain = ''
    const inputs: string[] = []
    const outputs: string[] = []
    let attributes: Map<string, Attribute> | undefined
    this.#wire.fields(at.from, at.to, (field) => {
      if (field.type !== 2) return
      if (field.number === 1) inputs.push(this.#wire.text(field.from, field.to))
      else if (field.number === 2) outputs.push(this.#wire.text(field.from, field.to))
      else if (field.number === 3) name = this.#wire.text(field.from, field.to)
      else if (field.number === 4) op = this.#wire.text(field.from, field.to)
      else if (field.number === 7) domain = this.#wire.text(field.from, field.to)
      else if (field.number === 5) {
        const [key, attribute] = this.#attribute(field, depth)
        attributes ??= new Map()
        attributes.set(key, attribute)
      }
    })
    if (op === '') throw new WireError(`a node at byte ${at.from} names no operator`)
    return {
      name,
      op,
      domain: domain === 'ai.onnx' ? '' : domain,
      inputs,
      outputs,
      attributes: attributes ?? noAttributes,
    }
  }

  #attribute(at: Field, depth: number): readonly [string, Attribute] {
    let name = ''
    const found: { -readonly [K in keyof Attribute]: Attribute[K] } = {}
    const ints: number[] = []
    const floats: number[] = []
    this.#wire.fields(at.from, at.to, (field) => {
      const { number, type } = field
      if (number === 1 && type === 2) name = this.#wire.text(field.from, field.to)
      else if (number === 2 && type === 5) found.f = this.#wire.float(field.from)
      else if (number === 3 && type === 0) found.i = field.value
      // Long strings are embedded files or code; nothing here reads them.
      else if (number === 4 && type === 2 && field.to - field.from <= 4096)
        found.s = this.#wire.text(field.from, field.to)
      else if (number === 5 && type === 2) found.t = this.#tensor(field)
      else if (number === 6 && type === 2) found.g = this.#graph(field, depth + 1)
      // Longer lists are trees and tables of other domains: parameters, of no use for shapes.
      else if (number === 7 && floats.length < keptElements && field.to - field.from <= keptElements * 4)
        this.#wire.floats(field, floats, keptElements)
      else if (number === 8 && ints.length < keptElements && field.to - field.from <= keptElements)
        this.#wire.integers(field, ints, keptElements)
    })
    if (ints.length > 0) found.ints = ints
    if (floats.length > 0) found.floats = floats
    return [name, found]
  }

  #tensor(at: Field): Tensor {
    const dims: number[] = []
    let dtype = 0
    let name = ''
    let raw: Field | undefined
    let listBytes = 0
    const lists: Field[] = []
    let external: Map<string, string> | undefined
    this.#wire.fields(at.from, at.to, (field) => {
      const { number, type } = field
      if (number === 1) this.#wire.integers(field, dims, maxRank)
      else if (number === 2 && type === 0) dtype = field.value
      else if (number === 8 && type === 2) name = this.#wire.text(field.from, field.to)
      else if (number === 9 && type === 2) raw = { ...field }
      else if (number === 4 || number === 5 || number === 7 || number === 10 || number === 11) {
        // Unpacked lists come one value a field: beyond what is kept only their bytes are counted.
        if (lists.length <= keptElements) lists.push({ ...field })
        listBytes += field.to - field.from
      } else if (number === 13 && type === 2) {
        let key = ''
        let value = ''
        this.#wire.fields(field.from, field.to, (part) => {
          if (part.type !== 2) return
          if (part.number === 1) key = this.#wire.text(part.from, part.to)
          else if (part.number === 2) value = this.#wire.text(part.from, part.to)
        })
        external ??= new Map()
        external.set(key, value)
      }
    })
    for (const dim of dims) if (dim < 0) throw new WireError(`the tensor ${name} has a dimension of ${dim}`)
    const count = elements(dims)
    if (!Number.isSafeInteger(count)) throw new WireError(`the tensor ${name} has too many elements`)
    const location = external?.get('location')
    const size = (key: string): number | undefined => {
      const value = Number(external?.get(key))
      return Number.isSafeInteger(value) && value >= 0 ? value : undefined
    }
    const length = size('length')
    const values = location === undefined ? this.#values(dtype, count, raw, lists) : undefined
    const bytes =
      location !== undefined
        ? (length ?? byteSize(dtype, dims))
        : raw
          ? raw.to - raw.from
          : listBytes > 0
            ? byteSize(dtype, dims)
            : 0
    return {
      name,
      dtype,
      dims,
      bytes,
      ...(location === undefined ? {} : { external: { location, offset: size('offset') ?? 0, length } }),
      ...(values === undefined ? {} : { values }),
    }
  }

  #values(dtype: number, count: number, raw: Field | undefined, lists: readonly Field[]): number[] | undefined {
    if (count > (integers.has(dtype) ? keptElements : keptFloats)) return undefined
    if (raw) {
      const read = rawReaders[dtype]
      const size = (dataTypes[dtype]?.bits ?? 0) / 8
      if (!read || raw.to - raw.from < count * size) return undefined
      const bytes = this.#wire.bytes(raw.from, raw.from + count * size, keptElements * 8)
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      return Array.from({ length: count }, (_, i) => read(view, i * size))
    }
    const values: number[] = []
    for (const field of lists) {
      if (field.number === 4) this.#wire.floats(field, values, keptElements + 1)
      else if (field.number === 10) return undefined
      else this.#wire.integers(field, values, keptElements + 1)
    }
    return values.length === count ? values : undefined
  }

  #valueInfo(at: Field): ValueInfo {
    let name = ''
    let dtype = 0
    let shape: Dimension[] | undefined
    this.#wire.fields(at.from, at.to, (field) => {
      if (field.type !== 2) return
      if (field.number === 1) name = this.#wire.text(field.from, field.to)
      else if (field.number === 2)
        this.#wire.fields(field.from, field.to, (kind) => {
          if (kind.number !== 1 || kind.type !== 2) return
          this.#wire.fields(kind.from, kind.to, (part) => {
            if (part.number === 1 && part.type === 0) dtype = part.value
            else if (part.number === 2 && part.type === 2) shape = this.#shape(part)
          })
        })
    })
    return { name, dtype, shape }
  }

  #shape(at: Field): Dimension[] {
    const dims: Dimension[] = []
    this.#wire.fields(at.from, at.to, (field) => {
      if (field.number !== 1 || field.type !== 2) return
      let dim: Dimension
      this.#wire.fields(field.from, field.to, (part) => {
        if (part.number === 1 && part.type === 0) dim = part.value >= 0 ? part.value : undefined
        else if (part.number === 2 && part.type === 2) dim = this.#wire.text(part.from, part.to) || undefined
      })
      if (dims.push(dim) > maxRank)
        throw new WireError(`a shape at byte ${at.from} has more than ${maxRank} dimensions`)
    })
    return dims
  }
}
