// Shapes of operators that multiply, pool, reduce and normalise: where the work is.
import { attention, einsum, recurrent } from '../attention.ts'
import { elements } from '../model.ts'
import {
  axisOf,
  broadcast,
  float32,
  int64,
  ShapeError,
  unknown,
  value,
  type Call,
  type Rule,
  type Rules,
} from '../value.ts'

const matmul =
  (bAt: number, dtype?: number): Rule =>
  (call) => {
    const [a, b] = [call.at(0), call.at(bAt)]
    const type = dtype ?? a.dtype
    if (!a.shape || !b.shape) return [value(type, undefined)]
    const turned = (shape: readonly number[], flag: string): readonly number[] =>
      call.int(flag, 0) === 1 && shape.length > 1 ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape
    const [left, right] = [turned(a.shape, 'transA'), turned(b.shape, 'transB')]
    return [value(type, matmulShape(left, right))]
  }

function matmulShape(a: readonly number[], b: readonly number[]): readonly number[] {
  const left = a.length === 1 ? [1, ...a] : a
  const right = b.length === 1 ? [...b, 1] : b
  if (left.at(-1) !== right.at(-2)) throw new ShapeError(`[${a}] times [${b}]`)
  const batch = broadcast(left.slice(0, -2), right.slice(0, -2))!
  return [...batch, ...(a.length === 1 ? [] : [left.at(-2)!]), ...(b.length === 1 ? [] : [right.at(-1)!])]
}

const gemm: Rule = (call) => {
  const [a, b] = [call.at(0), call.at(1)]
  if (a.shape?.length !== 2 || b.shape?.length !== 2) return [value(a.dtype, undefined)]
  const [m, k] = call.int('transA', 0) ? a.shape.toReversed() : a.shape
  const [k2, n] = call.int('transB', 0) ? b.shape.toReversed() : b.shape
  if (k !== k2) throw new ShapeError(`[${a.shape}] times [${b.shape}]`)
  return [value(a.dtype, [m!, n!])]
}

const matmulNBits: Rule = (call) => {
  const a = call.at(0)
  return [value(a.dtype, a.shape && [...a.shape.slice(0, -1), call.int('N', 0)])]
}

/** The spatial sizes after a window of `kernel` slid over `input`. */
function slide(call: Call, input: readonly number[], kernel: readonly number[]): number[] {
  const strides = call.ints('strides')
  const dilations = call.ints('dilations')
  const pads = call.ints('pads')
  const auto = call.text('auto_pad', 'NOTSET')
  return input.map((size, i) => {
    const stride = strides?.[i] ?? 1
    const span = (kernel[i]! - 1) * (dilations?.[i] ?? 1) + 1
    if (auto.startsWith('SAME')) return Math.ceil(size / stride)
    const padded = auto === 'VALID' ? 0 : (pads?.[i] ?? 0) + (pads?.[i + input.length] ?? 0)
    const steps = (size + padded - span) / stride
    let count = Math.floor(steps) + 1
    // A last window that starts beyond the input and its left padding is not taken.
    if (call.int('ceil_mode', 0) === 1) {
      count = Math.ceil(steps) + 1
      if ((count - 1) * stride >= size + (pads?.[i] ?? 0)) count--
    }
    if (count < 1) throw new ShapeError(`a window of ${span} over ${size}`)
    return count
  })
}

const conv =
  (wAt: number, dtype?: number): Rule =>
  (call) => {
    const [x, w] = [call.at(0), call.at(wAt)]
    const type = dtype ?? x.dtype
    if (!x.shape || !w.shape) return [value(type, undefined)]
    const groups = call.int('group', 1)
    if (x.shape.length !== w.shape.length || x.shape[1] !== w.shape[1]! * groups)
      throw new ShapeError(`[${x.shape}] under the filters [${w.shape}]`)
    return [value(type, [x.shape[0]!, w.shape[0]!, ...slide(call, x.shape.slice(2), w.shape.slice(2))])]
  }

const convTranspose: Rule = (call) => {
  const [x, w] = [call.at(0), call.at(1)]
  if (!x.shape || !w.shape) return [value(x.dtype, undefined)]
  const space = x.shape.slice(2)
  const auto = call.text('auto_pad', 'NOTSET').startsWith('SAME')
  const sizes = space.map((size, i) => {
    const given = call.ints('output_shape')?.[i]
    if (given !== undefined) return given
    const stride = call.ints('strides')?.[i] ?? 1
    if (auto) return size * stride
    const span = (w.shape![i + 2]! - 1) * (call.ints('dilations')?.[i] ?? 1) + 1
    const padded = (call.ints('pads')?.[i] ?? 0) + (call.ints('pads')?.[i + space.length] ?? 0)
    return stride * (size - 1) + (call.ints('output_padding')?.[i] ?? 0) + span - padded
  })
  return [value(x.dtype, [x.shape[0]!, w.shape[1]! * call.int('group', 1), ...sizes])]
}

const pool: Rule = (call) => {
  const x = call.at(0)
  const kernel = call.ints('kernel_shape')
  if (!x.shape || !kernel) return [value(x.dtype, undefined)]
  const shape = [...x.shape.slice(0, 2), ...slide(call, x.shape.slice(2), kernel)]
  return [value(x.dtype, shape), value(int64, shape)]
}

const globalPool: Rule = (call) => {
  const x = call.at(0)
  return [
    value(
      x.dtype,
      x.shape?.map((dim, i) => (i < 2 ? dim : 1)),
    ),
  ]
}

const reduce: Rule = (call) => {
  const x = call.at(0)
  const axes = call.list('axes', 1)
  if (!x.shape || axes === 'unknown') return [value(x.dtype, undefined)]
  const none = !axes || axes.length === 0
  if (none && call.int('noop_with_empty_axes', 0) === 1) return [value(x.dtype, x.shape, x.values)]
  const gone = new Set(none ? x.shape.map((_, i) => i) : axes.map((axis) => axisOf(axis, x.shape!.length)))
  const kept = call.int('keepdims', 1) === 1
  const shape = x.shape.flatMap((dim, i) => (gone.has(i) ? (kept ? [1] : []) : [dim]))
  const folds: Readonly<Record<string, (a: number, b: number) => number>> = {
    ReduceProd: (a, b) => a * b,
    ReduceSum: (a, b) => a + b,
    ReduceMax: Math.max,
    ReduceMin: Math.min,
  }
  const fold = folds[call.node.op]
  // Products and sums of shapes are vectors folded whole.
  const folded = fold && elements(shape) === 1 && x.values && x.values.length > 0 ? [x.values.reduce(fold)] : undefined
  return [value(x.dtype, shape, folded)]
}

const argReduce: Rule = (call) => {
  const x = call.at(0)
  if (!x.shape) return [value(int64, undefined)]
  const axis = axisOf(call.int('axis', 0), x.shape.length)
  return [value(int64, call.int('keepdims', 1) === 1 ? x.shape.with(axis, 1) : x.shape.toSpliced(axis, 1))]
}

/** y, then means and inverse deviations, then (of the skipping kinds) the sum that was normalised. */
const norm: Rule = (call) => {
  const x = call.at(0)
  const axis = x.shape && axisOf(call.int('axis', -1), x.shape.length)
  const outer = value(float32, axis === undefined ? undefined : x.shape!.map((dim, i) => (i < axis ? dim : 1)))
  return [value(x.dtype, x.shape), outer, outer, value(x.dtype, x.shape)]
}

const batchNorm: Rule = (call) => [value(call.at(0).dtype, call.at(0).shape)]

const embedLayerNorm: Rule = (call) => {
  const [ids, words] = [call.at(0).shape, call.at(2)]
  const shape = ids && words.shape && [...ids, words.shape[1]!]
  return [value(words.dtype, shape), unknown, value(words.dtype, shape)]
}

const reductions = 'Sum Mean Max Min Prod L1 L2 LogSum LogSumExp SumSquare'.split(' ')

export const dense: Rules = {
  MatMul: matmul(1),
  FusedMatMul: matmul(1),
  MatMulInteger: matmul(1, 6),
  QLinearMatMul: matmul(3),
  MatMulNBits: matmulNBits,
  Gemm: gemm,
  FusedGemm: gemm,
  Conv: conv(1),
  FusedConv: conv(1),
  ConvInteger: conv(1, 6),
  QLinearConv: conv(3),
  ConvTranspose: convTranspose,
  MaxPool: pool,
  AveragePool: pool,
  LpPool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  QLinearGlobalAveragePool: globalPool,
  BatchNormalization: batchNorm,
  LayerNormalization: norm,
  SkipLayerNormalization: norm,
  SkipSimplifiedLayerNormalization: norm,
  EmbedLayerNormalization: embedLayerNorm,
  Einsum: einsum,
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
  Attention: attention,
  MultiHeadAttention: attention,
  GroupQueryAttention: attention,
  ArgMax: argReduce,
  ArgMin: argReduce,
  ...Object.fromEntries(reductions.map((kind) => [`Reduce${kind}`, reduce])),
}
