// Shapes and values of operators that make tensors out of nothing, or out of sizes.
import { elements } from './model.ts'
import { axisOf, float32, int64, unknown, value, type Rule, type Rules } from './value.ts'

const constant: Rule = (call) => {
  const { t, i, f, ints, floats } =
    ['value', 'value_int', 'value_float', 'value_ints', 'value_floats']
      .map((name) => call.attribute(name))
      .find((attribute) => attribute !== undefined) ?? {}
  if (t) return [value(t.dtype, t.dims, t.values)]
  if (i !== undefined) return [value(int64, [], [i])]
  if (f !== undefined) return [value(float32, [], [f])]
  if (ints) return [value(int64, [ints.length], ints)]
  if (floats) return [value(float32, [floats.length], floats)]
  return [unknown]
}

const constantOfShape: Rule = (call) => {
  const tensor = call.attribute('value')?.t
  const dtype = tensor?.dtype ?? float32
  const shape = call.at(0).values ?? (call.at(0).shape?.[0] === 0 ? [] : undefined)
  if (!shape) return [value(dtype, undefined)]
  const fill = tensor ? tensor.values?.[0] : 0
  const count = elements(shape)
  return [
    value(dtype, shape, fill !== undefined && count <= 4096 ? Array.from({ length: count }, () => fill) : undefined),
  ]
}

const range: Rule = (call) => {
  const [start, limit, step] = [0, 1, 2].map((i) => call.at(i).values?.[0])
  const dtype = call.at(0).dtype
  if (start === undefined || limit === undefined || step === undefined) return [value(dtype, undefined)]
  const count = Math.max(0, Math.ceil((limit - start) / step))
  const values = count <= 4096 ? Array.from({ length: count }, (_, i) => start + i * step) : undefined
  return [value(dtype, [count], values)]
}

const oneHot: Rule = (call) => {
  const [indices, depth] = [call.at(0).shape, call.at(1).values?.[0]]
  const dtype = call.at(2).dtype
  if (!indices || depth === undefined) return [value(dtype, undefined)]
  const rank = indices.length + 1
  return [value(dtype, indices.toSpliced(axisOf(call.int('axis', -1), rank), 0, depth))]
}

export const constants: Rules = {
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Range: range,
  OneHot: oneHot,
}
