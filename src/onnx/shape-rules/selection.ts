// Shapes of operators that select elements, with their effect on small constants.
import { isKnown, around, axisOf, int64, ShapeError, value, type Rule, type Value } from '../value.ts'

export const slice: Rule = (call) => {
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

export const gather: Rule = (call) => {
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

export const gatherNd: Rule = (call) => {
  const [x, indices] = [call.at(0), call.at(1)]
  const depth = indices.shape?.at(-1)
  if (!x.shape || !indices.shape || depth === undefined) return [value(x.dtype, undefined)]
  return [value(x.dtype, [...indices.shape.slice(0, -1), ...x.shape.slice(call.int('batch_dims', 0) + depth)])]
}

export const topK: Rule = (call) => {
  const x = call.at(0)
  const k = call.attribute('k')?.i ?? call.at(1).values?.[0]
  const axis = x.shape && axisOf(call.int('axis', -1), x.shape.length)
  const shape = k === undefined || axis === undefined ? undefined : x.shape!.with(axis, k)
  return [value(x.dtype, shape), value(int64, shape)]
}
