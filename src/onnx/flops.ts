// What a node costs: multiply-accumulates exactly, and the rest of the arithmetic by the usual weights. One MAC is two
// FLOPs. Formulas as PyTorch's flop counter has them; attention is counted whole, masked or not.
import { attentionSizes, einsumTerms } from './attention.ts'
import { elements } from './model.ts'
import { nameOf, type Inferred, type Step } from './shapes.ts'
import type { Call } from './value.ts'

export interface Cost {
  readonly macs: number
  /** Twice the MACs. */
  readonly flops: number
  /** FLOPs of normalisation, softmax, activation and other element-wise work, not part of `flops`. */
  readonly otherFlops: number
}

type Macs = (call: Call, output: readonly number[]) => number | undefined

const matmul: Macs = (call, output) => {
  const a = call.at(0).shape
  if (!a) return undefined
  const inner = call.int('transA', 0) === 1 && a.length > 1 ? a.at(-2)! : a.at(-1)!
  return elements(output) * inner
}

const conv =
  (wAt: number): Macs =>
  (call, output) => {
    const w = call.at(wAt).shape
    return w && elements(output) * elements(w.slice(1))
  }

const convTranspose: Macs = (call) => {
  const [x, w] = [call.at(0).shape, call.at(1).shape]
  return x && w && elements(x) * elements(w.slice(1))
}

const recurrent =
  (gates: number): Macs =>
  (call) => {
    const [x, w, r] = [call.at(0).shape, call.at(1).shape, call.at(2).shape]
    if (!x || !w || !r) return undefined
    return x[0]! * x[1]! * r[0]! * gates * r[2]! * (w[2]! + r[2]!)
  }

const attention: Macs = (call) => {
  const of = attentionSizes(call)
  if (!of) return undefined
  const products = of.batch * of.heads * of.queries * of.keys * (of.qkWidth + of.vWidth)
  // The contributed operator projects its input to queries, keys and values too.
  if (call.node.op !== 'Attention' || call.node.domain === '') return products
  const [x, w] = [call.at(0).shape!, call.at(1).shape]
  return w && products + elements(x) * w[1]!
}

const einsum: Macs = (call) => {
  const shapes = call.inputs.map((input) => input.shape)
  if (shapes.some((shape) => !shape)) return undefined
  const { sizes } = einsumTerms(call.text('equation', ''), shapes as readonly (readonly number[])[])
  // One product over all letters, as a two-operand einsum is computed; of one operand nothing is multiplied.
  return shapes.length < 2 ? 0 : elements([...sizes.values()]) * (shapes.length - 1)
}

const macsOf: Readonly<Record<string, Macs>> = {
  MatMul: matmul,
  FusedMatMul: matmul,
  MatMulInteger: matmul,
  QLinearMatMul: matmul,
  MatMulNBits: matmul,
  Gemm: matmul,
  FusedGemm: matmul,
  Conv: conv(1),
  FusedConv: conv(1),
  ConvInteger: conv(1),
  QLinearConv: conv(3),
  ConvTranspose: convTranspose,
  LSTM: recurrent(4),
  GRU: recurrent(3),
  RNN: recurrent(1),
  Attention: attention,
  MultiHeadAttention: attention,
  GroupQueryAttention: attention,
  Einsum: einsum,
}

/** Operators without arithmetic of their own. */
const free = new Set(
  `Shape Size Reshape Flatten Squeeze Unsqueeze Transpose Concat Split Slice Gather GatherElements GatherND ScatterND
  ScatterElements Scatter ReverseSequence EyeLike Expand Tile Pad Constant ConstantOfShape Range OneHot DepthToSpace
  SpaceToDepth Identity Cast CastLike Dropout Trilu If Loop Scan NonZero Compress`.split(/\s+/),
)

/** FLOPs per output element of what is not free and not 1. */
const weights: Readonly<Record<string, number>> = {
  Softmax: 5,
  LogSoftmax: 5,
  LayerNormalization: 8,
  SkipLayerNormalization: 9,
  EmbedLayerNormalization: 10,
  InstanceNormalization: 8,
  GroupNormalization: 8,
  RMSNormalization: 5,
  SimplifiedLayerNormalization: 5,
  SkipSimplifiedLayerNormalization: 6,
  BatchNormalization: 2,
  QuantizeLinear: 2,
  DequantizeLinear: 2,
}

/** @returns `undefined` when a shape it depends on is not known */
export function nodeCost(step: Step): Cost | undefined {
  const { call } = step
  const { op } = call.node
  const [output] = step.outputs
  if (free.has(op)) return { macs: 0, flops: 0, otherFlops: 0 }
  const count = Object.hasOwn(macsOf, op) ? macsOf[op] : undefined
  if (count) {
    const macs = output?.shape && count(call, output.shape)
    return macs === undefined ? undefined : { macs, flops: 2 * macs, otherFlops: 0 }
  }
  // An unknown operator may hide any amount of work.
  if (call.node.domain !== '' && !output?.shape) return undefined
  const otherFlops = otherWork(call, output?.shape)
  return { macs: 0, flops: 0, otherFlops }
}

function otherWork(call: Call, output: readonly number[] | undefined): number {
  const { op } = call.node
  if (op.startsWith('Reduce') || op.startsWith('Global') || op.startsWith('Arg'))
    return elements(call.at(0).shape ?? [])
  if (!output) return 0
  if (op.endsWith('Pool')) return elements(output) * elements(call.ints('kernel_shape') ?? [])
  return elements(output) * (weights[op] ?? 1)
}

/** The sum over an inference, or why it is not known. */
export function totalCost(inferred: Inferred): Cost | { readonly unknown: string } {
  let macs = 0
  let otherFlops = 0
  for (const step of inferred.steps) {
    const cost = nodeCost(step)
    const where = `${nameOf(step.call.node)} ${step.call.node.name}`.trim()
    if (!cost) return { unknown: inferred.problem ?? `a shape at ${where} depends on data` }
    if (cost.macs > 0 && Number.isNaN(step.times)) return { unknown: `how often ${where} runs depends on data` }
    macs += cost.macs === 0 ? 0 : cost.macs * step.times
    otherFlops += Number.isNaN(step.times) ? 0 : cost.otherFlops * step.times
  }
  return { macs, flops: 2 * macs, otherFlops }
}
