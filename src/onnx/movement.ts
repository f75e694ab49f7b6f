// Shapes of operators that move, select and make elements, with their effect on small constants: most arithmetic on shapes
// that exporters write is made of these.
import { elements } from './model.ts'
import {
  around,
  axisOf,
  broadcast,
  broadcastIndex,
  int64,
  ShapeError,
  stridesOf,
  value,
  type Rule,
  type Rules,
  type Value,
} from './value.ts'

const isKnown = (list: readonly number[] | 'unknown' | undefined): list is readonly number[] =>
  list !== undefined && list !== 'unknown'

const shapeOf: Rule = (call) => {
  const x = call.at(0).shape
  if (!x) return [value(int64, undefined)]
  const part = x.slice(call.int('start', 0), call.attribute('end')?.i ?? x.length)
  return [value(int64, [part.length], part)]
}

const reshape: Rule = (call) => {
  const x = call.at(0)
  const wanted = call.list('shape', 1)
  if (!isKnown(wanted) || !x.shape) return [value(x.dtype, undefined)]
  const zeros = call.int('allowzero', 0) === 1
  const from = x.shape
  const dims = wanted.map((dim, i) => (dim === 0 && !zeros ? (from[i] ?? 0) : dim))
  const known = dims.filter((dim) => dim !== -1)
  const count = elements(from)
  const rest = count / elements(known)
  const shape = dims.map((dim) => (dim === -1 ? (count === 0 ? 0 : rest) : dim))
  if (elements(shape) !== count) throw new ShapeError(`[${from}] cannot become [${wanted}]`)
  return [value(x.dtype, shape, x.values)]
}

const flatten: Rule = (call) => {
  const x = call.at(0)
  if (!x.shape) return [value(x.dtype, undefined)]
  const given = call.int('axis', 1)
  const axis = given < 0 ? given + x.shape.length : given
  return [value(x.dtype, [elements(x.shape.slice(0, axis)), elements(x.shape.slice(axis))], x.values)]
}

const squeeze: Rule = (call) => {
  const x = call.at(0)
  const axes = call.list('axes', 1)
  if (!x.shape || axes === 'unknown') return [value(x.dtype, undefined)]
  const rank = x.shape.length
  const gone = axes && new Set(axes.map((axis) => axisOf(axis, rank)))
  const shape = x.shape.filter((dim, i) => (gone ? !gone.has(i) : dim !== 1))
  if (elements(shape) !== elements(x.shape)) throw new ShapeError(`[${x.shape}] squeezed at ${axes}`)
  return [value(x.dtype, shape, x.values)]
}

const unsqueeze: Rule = (call) => {
  const x = call.at(0)
  const axes = call.list('axes', 1)
  if (!x.shape || !isKnown(axes)) return [value(x.dtype, undefined)]
  const rank = x.shape.length + axes.length
  const added = new Set(axes.map((axis) => axisOf(axis, rank)))
  const rest = [...x.shape]
  const shape = Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : (rest.shift() ?? 1)))
  return [value(x.dtype, shape, x.values)]
}

const transpose: Rule = (call) => {
  const x = call.at(0)
  if (!x.shape) return [value(x.dtype, undefined)]
  const from = x.shape
  const perm = call.ints('perm') ?? from.map((_, i) => from.length - 1 - i)
  if (perm.length !== from.length) throw new ShapeError(`[${from}] in the order ${perm}`)
  const shape = perm.map((axis) => from[axisOf(axis, from.length)]!)
  const strides = stridesOf(from)
  const values =
    x.values && x.values.length <= 4096
      ? Array.from({ length: elements(shape) }, (_, index) => {
          let rest = index
          let at = 0
          for (let i = shape.length - 1; i >= 0; i--) {
            at += (rest % shape[i]!) * strides[perm[i]!]!
            rest = Math.floor(rest / shape[i]!)
          }
          return x.values![at]!
        })
      : undefined
  return [value(x.dtype, shape, values)]
}

const concat: Rule = (call) => {
  const first = call.at(0)
  const shapes = call.inputs.map((input) => input.shape)
  if (!first.shape || shapes.some((shape) => !shape)) return [value(first.dtype, undefined)]
  const axis = axisOf(call.int('axis', 0), first.shape.length)
  for (const shape of shapes) {
    const fits = shape!.length === first.shape.length && shape!.every((dim, i) => i === axis || dim === first.shape![i])
    if (!fits) throw new ShapeError(`[${first.shape}] beside [${shape}]`)
  }
  const shape = first.shape.map((dim, i) => (i === axis ? shapes.reduce((sum, s) => sum + s![axis]!, 0) : dim))
  const whole = shape.length === 1 && call.inputs.every((input) => input.values)
  return [value(first.dtype, shape, whole ? call.inputs.flatMap((input) => [...input.values!]) : undefined)]
}

const split: Rule = (call) => {
  const x = call.at(0)
  const sizes = call.list('split', 1)
  if (!x.shape || sizes === 'unknown') return call.node.outputs.map(() => value(x.dtype, undefined))
  const axis = axisOf(call.int('axis', 0), x.shape.length)
  const count = call.node.outputs.length
  const each = Math.ceil(x.shape[axis]! / count)
  const even = Array.from({ length: count }, (_, i) => Math.max(0, Math.min(each, x.shape![axis]! - i * each)))
  let from = 0
  return (sizes ?? even).map((size) => {
    const values = x.shape!.length === 1 ? x.values?.slice(from, from + size) : undefined
    from += size
    return value(x.dtype, x.shape!.with(axis, size), values)
  })
}

const slice: Rule = (call) => {
  const x = call.at(0)
  const starts = call.list('starts', 1)
  const ends = call.list('ends', 2)
  const axes = call.list('axes', 3)
  const steps = call.has(4) ? (call.at(4).values ?? 'unknown') : undefined
  if (!x.shape || !isKnown(starts) || !isKnown(ends) || axes === 'unknown' || steps === 'unknown')
    return [value(x.dtype, undefined)]
  let current: Value = x
  for (const [i, start] of starts.entries()) {
    const axis = axisOf(axes?.[i] ?? i, x.shape.length)
    current = sliceAxis(current, axis, start, ends[i] ?? 0, steps?.[i] ?? 1)
  }
  return [current]
}

function sliceAxis(x: Value, axis: number, start: number, end: number, step: number): Value {
  if (step === 0) throw new ShapeError('a step of 0')
  const size = x.shape![axis]!
  const clamp = (at: number, low: number, high: number): number =>
    Math.min(Math.max(at < 0 ? at + size : at, low), high)
  const from = step > 0 ? clamp(start, 0, size) : clamp(start, 0, size - 1)
  const to = step > 0 ? clamp(end, 0, size) : clamp(end, -1, size - 1)
  const count = Math.max(0, Math.ceil((to - from) / step))
  const shape = x.shape!.with(axis, count)
  return value(
    x.dtype,
    shape,
    x.values &&
      pick(
        x,
        axis,
        Array.from({ length: Math.min(count, 4097) }, (_, i) => from + i * step),
      ),
  )
}

/** Elements at `positions` of one axis. */
function pick(x: Value, axis: number, positions: readonly number[]): number[] | undefined {
  if (!x.values) return undefined
  const [before, size, after] = around(x.shape!, axis)
  if (before * positions.length * after > 4096) return undefined
  const found: number[] = []
  for (let i = 0; i < before; i++)
    for (const position of positions) {
      const at = position < 0 ? position + size : position
      for (let j = 0; j < after; j++) found.push(x.values[(i * size + at) * after + j] ?? Number.NaN)
    }
  return found.some(Number.isNaN) ? undefined : found
}

const gather: Rule = (call) => {
  const [x, indices] = [call.at(0), call.at(1)]
  if (!x.shape || !indices.shape) return [value(x.dtype, undefined)]
  const axis = axisOf(call.int('axis', 0), x.shape.length)
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)]
  // Such as positions beyond the table of positions.
  const size = x.shape[axis]!
  const beyond = indices.values?.find((index) => index >= size || index < -size)
  if (beyond !== undefined) throw new ShapeError(`the index ${beyond} into [${x.shape}]`)
  return [value(x.dtype, shape, indices.values && pick(x, axis, indices.values))]
}

const gatherNd: Rule = (call) => {
  const [x, indices] = [call.at(0), call.at(1)]
  const depth = indices.shape?.at(-1)
  if (!x.shape || !indices.shape || depth === undefined) return [value(x.dtype, undefined)]
  return [value(x.dtype, [...indices.shape.slice(0, -1), ...x.shape.slice(call.int('batch_dims', 0) + depth)])]
}

const expand: Rule = (call) => {
  const [x, to] = [call.at(0), call.at(1).values]
  const shape = to && broadcast(x.shape, to)
  if (!shape) return [value(x.dtype, undefined)]
  if (!x.values || elements(shape) > 4096) return [value(x.dtype, shape)]
  const index = broadcastIndex(x.shape!, shape)
  return [
    value(
      x.dtype,
      shape,
      Array.from({ length: elements(shape) }, (_, i) => x.values![index(i)]!),
    ),
  ]
}

const tile: Rule = (call) => {
  const [x, repeats] = [call.at(0), call.at(1).values]
  return [value(x.dtype, repeats && x.shape?.map((dim, i) => dim * (repeats[i] ?? 1)))]
}

const pad: Rule = (call) => {
  const x = call.at(0)
  const pads = call.list('pads', 1)
  const axes = call.has(3) ? (call.at(3).values ?? 'unknown') : undefined
  if (!x.shape || !isKnown(pads) || axes === 'unknown') return [value(x.dtype, undefined)]
  const shape = [...x.shape]
  const padded = (axes ?? shape.map((_, i) => i)).map((axis) => axisOf(axis, shape.length))
  for (const [i, axis] of padded.entries()) shape[axis]! += (pads[i] ?? 0) + (pads[i + padded.length] ?? 0)
  return [value(x.dtype, shape)]
}

const blocks =
  (direction: 1 | -1): Rule =>
  (call) => {
    const x = call.at(0)
    const size = call.int('blocksize', 1)
    if (x.shape?.length !== 4) return [value(x.dtype, undefined)]
    const [n, c, h, w] = x.shape as readonly [number, number, number, number]
    const shape = direction === 1 ? [n, c / size ** 2, h * size, w * size] : [n, c * size ** 2, h / size, w / size]
    return [value(x.dtype, shape)]
  }

const resize: Rule = (call) => {
  const x = call.at(0)
  const upsample = call.node.op === 'Upsample' || call.opset < 11
  const scales = call.attribute('scales')?.floats ?? call.at(upsample ? 1 : 2).values
  const sizes = upsample ? undefined : call.at(3).values
  const axes = call.ints('axes')
  if (!x.shape) return [value(x.dtype, undefined)]
  const from = x.shape
  const spread = (list: readonly number[], keep: (i: number) => number): number[] =>
    from.map((_, i) => (axes ? (list[axes.findIndex((axis) => axisOf(axis, from.length) === i)] ?? keep(i)) : list[i]!))
  if (sizes && sizes.length > 0)
    return [
      value(
        x.dtype,
        spread(sizes, (i) => from[i]!),
      ),
    ]
  if (!scales || scales.length === 0) return [value(x.dtype, undefined)]
  return [
    value(
      x.dtype,
      spread(scales, () => 1).map((scale, i) => Math.floor(from[i]! * scale)),
    ),
  ]
}

const topK: Rule = (call) => {
  const x = call.at(0)
  const k = call.attribute('k')?.i ?? call.at(1).values?.[0]
  const axis = x.shape && axisOf(call.int('axis', -1), x.shape.length)
  const shape = k === undefined || axis === undefined ? undefined : x.shape!.with(axis, k)
  return [value(x.dtype, shape), value(int64, shape)]
}

const like =
  (i: number): Rule =>
  (call) => [value(call.at(0).dtype, call.at(i).shape)]

export const movement: Rules = {
  Shape: shapeOf,
  Size: (call) => {
    const { shape } = call.at(0)
    return [value(int64, [], shape && [elements(shape)])]
  },
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  GatherElements: like(1),
  GatherND: gatherNd,
  ScatterND: like(0),
  ScatterElements: like(0),
  Scatter: like(0),
  ReverseSequence: like(0),
  EyeLike: like(0),
  Expand: expand,
  Tile: tile,
  Pad: pad,
  DepthToSpace: blocks(1),
  SpaceToDepth: blocks(-1),
  Resize: resize,
  Upsample: resize,
  TopK: topK,
  // How many there are depends on the data.
  NonZero: () => [value(int64, undefined)],
  NonMaxSuppression: () => [value(int64, undefined)],
  Compress: (call) => [value(call.at(0).dtype, undefined)],
  Unique: (call) => [value(call.at(0).dtype, undefined), value(int64, undefined), value(int64, undefined)],
}
