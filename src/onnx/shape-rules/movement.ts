// Shapes of operators that move, select and make elements, with their effect on small constants: most arithmetic on shapes
// that exporters write is made of these.
import { elements } from '../model.ts'
import { slice, gather, gatherNd, topK } from './selection.ts'
import {
  axisOf,
  broadcast,
  broadcastIndex,
  int64,
  ShapeError,
  stridesOf,
  value,
  type Rule,
  type Rules,
  isKnown,
} from '../value.ts'

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
