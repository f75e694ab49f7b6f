// Shapes of operators that work element by element, and their arithmetic on small constants.
import { elements } from '../model.ts'
import {
  bool,
  broadcast,
  broadcastIndex,
  float32,
  value,
  type Call,
  type Rule,
  type Rules,
  type Value,
} from '../value.ts'

const integers = new Set([2, 3, 4, 5, 6, 7, 12, 13])

const unary =
  (compute?: (x: number) => number, dtype?: number): Rule =>
  (call) => {
    const x = call.at(0)
    return [value(dtype ?? x.dtype, x.shape, compute && x.values?.map(compute))]
  }

const binary =
  (compute: (a: number, b: number, whole: boolean) => number, dtype?: number): Rule =>
  (call) => {
    const [a, b] = [call.at(0), call.at(1)]
    const shape = broadcast(a.shape, b.shape)
    const whole = integers.has(a.dtype)
    return [
      value(
        dtype ?? (a.dtype || b.dtype),
        shape,
        zip(shape, [a, b], ([x, y]) => compute(x!, y!, whole)),
      ),
    ]
  }

/** Applies `compute` to the broadcast elements, when all are known and few. */
function zip(
  shape: readonly number[] | undefined,
  inputs: readonly Value[],
  compute: (items: readonly number[]) => number,
): readonly number[] | undefined {
  if (!shape || elements(shape) > 4096 || inputs.some((input) => !input.values || !input.shape)) return undefined
  const indices = inputs.map((input) => broadcastIndex(input.shape!, shape))
  return Array.from({ length: elements(shape) }, (_, i) =>
    compute(inputs.map((input, j) => input.values![indices[j]!(i)]!)),
  )
}

const variadic =
  (compute: (items: readonly number[]) => number): Rule =>
  (call) => {
    const shape = broadcast(...call.inputs.map((input) => input.shape))
    return [value(call.at(0).dtype, shape, zip(shape, call.inputs, compute))]
  }

function modulo(call: Call): readonly Value[] {
  const floored = call.int('fmod', 0) === 0
  return binary((a, b) => (floored ? a - Math.floor(a / b) * b : a % b))(call)
}

function where(call: Call): readonly Value[] {
  const [condition, a, b] = [call.at(0), call.at(1), call.at(2)]
  const shape = broadcast(condition.shape, a.shape, b.shape)
  return [
    value(
      a.dtype || b.dtype,
      shape,
      zip(shape, [condition, a, b], ([c, x, y]) => (c ? x! : y!)),
    ),
  ]
}

function cast(call: Call): readonly Value[] {
  const x = call.at(0)
  const to = call.node.op === 'CastLike' ? call.at(1).dtype : call.int('to', 0)
  const convert = to === bool ? (v: number) => Number(v !== 0) : integers.has(to) ? Math.trunc : (v: number) => v
  return [value(to, x.shape, x.values?.map(convert))]
}

/** The largest and smallest bounds of both forms of Clip do not matter to shapes, but small constants pass through it. */
function clip(call: Call): readonly Value[] {
  const x = call.at(0)
  const low = call.attribute('min')?.f ?? (call.has(1) ? call.at(1).values?.[0] : Number.NEGATIVE_INFINITY)
  const high = call.attribute('max')?.f ?? (call.has(2) ? call.at(2).values?.[0] : Number.POSITIVE_INFINITY)
  const known = low !== undefined && high !== undefined
  return [value(x.dtype, x.shape, known ? x.values?.map((v) => Math.min(Math.max(v, low), high)) : undefined)]
}

/** y, and a mask of its shape. */
const dropout: Rule = (call) => {
  const x = call.at(0)
  return [value(x.dtype, x.shape, x.values), value(bool, x.shape)]
}

const same = unary()
const plain =
  `Sigmoid Tanh Erf Gelu Selu Elu Celu HardSigmoid HardSwish Softplus Softsign LeakyRelu ThresholdedRelu Mish
  Swish Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Softmax LogSoftmax Hardmax LpNormalization Trilu
  LRN MeanVarianceNormalization InstanceNormalization GroupNormalization RMSNormalization Shrink BitwiseNot RotaryEmbedding
  FastGelu BiasGelu QuickGelu SimplifiedLayerNormalization CumSum Bernoulli RandomNormalLike RandomUniformLike`.split(
    /\s+/,
  )

export const elementwise: Rules = {
  ...Object.fromEntries(plain.map((op) => [op, same])),
  Relu: unary((x) => Math.max(x, 0)),
  Abs: unary(Math.abs),
  Neg: unary((x) => -x),
  Sign: unary(Math.sign),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Round: unary((x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x))),
  Sqrt: unary(Math.sqrt),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Reciprocal: unary((x) => 1 / x),
  Not: unary((x) => Number(!x), bool),
  IsNaN: unary((x) => Number(Number.isNaN(x)), bool),
  IsInf: unary((x) => Number(Math.abs(x) === Number.POSITIVE_INFINITY), bool),
  Identity: unary((x) => x),
  Clip: clip,
  Dropout: dropout,
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: binary((a, b, whole) => (whole ? Math.trunc(a / b) : a / b)),
  Pow: binary((a, b) => a ** b),
  Mod: modulo,
  PRelu: (call) => [value(call.at(0).dtype, call.at(0).shape)],
  Equal: binary((a, b) => Number(a === b), bool),
  Greater: binary((a, b) => Number(a > b), bool),
  GreaterOrEqual: binary((a, b) => Number(a >= b), bool),
  Less: binary((a, b) => Number(a < b), bool),
  LessOrEqual: binary((a, b) => Number(a <= b), bool),
  And: binary((a, b) => Number(a && b), bool),
  Or: binary((a, b) => Number(a || b), bool),
  Xor: binary((a, b) => Number(Boolean(a) !== Boolean(b)), bool),
  BitShift: (call) => [value(call.at(0).dtype, broadcast(call.at(0).shape, call.at(1).shape))],
  BitwiseAnd: (call) => [value(call.at(0).dtype, broadcast(call.at(0).shape, call.at(1).shape))],
  BitwiseOr: (call) => [value(call.at(0).dtype, broadcast(call.at(0).shape, call.at(1).shape))],
  BitwiseXor: (call) => [value(call.at(0).dtype, broadcast(call.at(0).shape, call.at(1).shape))],
  Max: variadic((items) => Math.max(...items)),
  Min: variadic((items) => Math.min(...items)),
  Sum: variadic((items) => items.reduce((a, b) => a + b, 0)),
  Mean: variadic((items) => items.reduce((a, b) => a + b, 0) / items.length),
  Where: where,
  Cast: cast,
  CastLike: cast,
  QuantizeLinear: (call) => [
    value(call.has(2) ? call.at(2).dtype : call.int('output_dtype', 0) || 2, call.at(0).shape),
  ],
  DequantizeLinear: (call) => [value(call.at(1).dtype || float32, call.at(0).shape)],
  DynamicQuantizeLinear: (call) => [value(2, call.at(0).shape), value(float32, []), value(2, [])],
  QLinearAdd: (call) => [value(call.at(0).dtype, broadcast(call.at(0).shape, call.at(3).shape))],
  QLinearMul: (call) => [value(call.at(0).dtype, broadcast(call.at(0).shape, call.at(3).shape))],
  QLinearSigmoid: same,
  QLinearLeakyRelu: same,
}
