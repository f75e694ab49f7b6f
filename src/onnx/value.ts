// What is known of a value in a graph once its inputs have sizes: element type, shape, and, for small ones that shapes are
// computed from, the numbers themselves. Rules of operators take and give these.
import { type Attribute, type Node, elements } from './model.ts'

export interface Value {
  /** TensorProto.DataType; 0 when unknown. */
  readonly dtype: number
  /** `undefined` when a size depends on data. */
  readonly shape: readonly number[] | undefined
  /** In row order, as many as the shape holds. */
  readonly values?: readonly number[]
}

export const float32 = 1

export const int64 = 7

export const bool = 9

export const unknown: Value = { dtype: 0, shape: undefined }

/** Larger constants are not carried on: no shape is that long. */
const keptValues = 4096

/** No engine has tensors beyond this; a product of nonsense stops here. */
const mostElements = 2 ** 48

/** Sizes that do not go together; the message says which. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError'
}

export const value = (dtype: number, shape: readonly number[] | undefined, values?: readonly number[]): Value => {
  if (shape) {
    if (shape.some((dim) => !Number.isSafeInteger(dim) || dim < 0)) throw new ShapeError(`a size of [${shape}]`)
    if (elements(shape) > mostElements) throw new ShapeError(`a tensor of [${shape}]`)
  }
  if (!values || !shape || values.length > keptValues || values.length !== elements(shape)) return { dtype, shape }
  return { dtype, shape, values }
}

/** A node with what is known of its inputs, and its attributes with their defaults. */
export class Call {
  readonly node: Node
  readonly inputs: readonly Value[]
  readonly opset: number

  constructor(node: Node, inputs: readonly Value[], opset: number) {
    this.node = node
    this.inputs = inputs
    this.opset = opset
  }

  /** `unknown` for an input left out. */
  at(i: number): Value {
    return this.inputs[i] ?? unknown
  }

  has(i: number): boolean {
    return (this.node.inputs[i] ?? '') !== ''
  }

  attribute(name: string): Attribute | undefined {
    return this.node.attributes.get(name)
  }

  int(name: string, otherwise: number): number {
    return this.attribute(name)?.i ?? otherwise
  }

  ints(name: string): readonly number[] | undefined {
    return this.attribute(name)?.ints
  }

  text(name: string, otherwise: string): string {
    return this.attribute(name)?.s ?? otherwise
  }

  /** Numbers given as an attribute in older opsets, as input `i` in newer ones; 'unknown' when given but not known. */
  list(name: string, i: number): readonly number[] | undefined | 'unknown' {
    const attribute = this.ints(name)
    if (attribute) return attribute
    if (!this.has(i)) return undefined
    return this.at(i).values ?? 'unknown'
  }
}

/** Gives the outputs in order; fewer than the node names when the others stay unknown. */
export type Rule = (call: Call) => readonly Value[]

export type Rules = Readonly<Record<string, Rule>>

/** NumPy broadcasting. */
export function broadcast(...shapes: readonly (readonly number[] | undefined)[]): readonly number[] | undefined {
  let result: number[] = []
  for (const shape of shapes) {
    if (!shape) return undefined
    const rank = Math.max(result.length, shape.length)
    result = Array.from({ length: rank }, (_, i) => {
      const a = result[i - rank + result.length] ?? 1
      const b = shape[i - rank + shape.length] ?? 1
      if (a !== b && a !== 1 && b !== 1) throw new ShapeError(`[${result}] against [${shape}]`)
      return a === 1 ? b : a
    })
  }
  return result
}

/** Index into `from` of each element of `to`, to which `from` is broadcast. */
export function broadcastIndex(from: readonly number[], to: readonly number[]): (index: number) => number {
  const strides = stridesOf(from)
  return (index) => {
    let rest = index
    let at = 0
    for (let i = to.length - 1; i >= 0; i--) {
      const digit = rest % to[i]!
      rest = (rest - digit) / to[i]!
      const j = i - to.length + from.length
      if (j >= 0 && from[j]! > 1) at += digit * strides[j]!
    }
    return at
  }
}

export function stridesOf(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1)
  let step = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step
    step *= shape[i]!
  }
  return strides
}

/** An axis counted from either end. */
export function axisOf(axis: number, rank: number): number {
  const found = axis < 0 ? axis + rank : axis
  if (!(found >= 0 && found < rank)) throw new ShapeError(`axis ${axis} of rank ${rank}`)
  return found
}

/** Splits a shape at an axis: product of what is before, the axis, product of what is after. */
export const around = (shape: readonly number[], axis: number): readonly [number, number, number] => [
  elements(shape.slice(0, axis)),
  shape[axis]!,
  elements(shape.slice(axis + 1)),
]

export const isKnown = (list: readonly number[] | 'unknown' | undefined): list is readonly number[] =>
  list !== undefined && list !== 'unknown'
