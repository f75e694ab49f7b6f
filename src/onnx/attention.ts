// Shapes of what works on sequences: attention in its several operators, einsum, recurrent cells. The sizes found here
// also give the costs.
import { ShapeError, value, type Call, type Rule } from './value.ts'

/** The letters of an equation `ij,jk->ik` with their sizes, `...` written out; shared with the cost. */
export function einsumTerms(
  equation: string,
  shapes: readonly (readonly number[])[],
): { readonly sizes: ReadonlyMap<string, number>; readonly output: readonly string[] } {
  const [left = '', right] = equation.replaceAll(/\s/g, '').split('->')
  const terms = left.split(',')
  if (terms.length !== shapes.length) throw new ShapeError(`${equation} for ${shapes.length} inputs`)
  const sizes = new Map<string, number>()
  const seen = new Map<string, number>()
  let dots: string[] = []
  for (const [i, term] of terms.entries()) {
    const shape = shapes[i]!
    const free = shape.length - term.replace('...', '').length
    const letters = [...term.replace('...', '\0')].flatMap((letter) =>
      letter === '\0' ? Array.from({ length: Math.max(0, free) }, (_, j) => `.${free - j}`) : [letter],
    )
    if (letters.length !== shape.length) throw new ShapeError(`${equation} with [${shape}]`)
    const own = letters.filter((letter) => letter.startsWith('.'))
    if (own.length > dots.length) dots = own
    for (const [j, letter] of letters.entries()) {
      sizes.set(letter, Math.max(sizes.get(letter) ?? 1, shape[j]!))
      seen.set(letter, (seen.get(letter) ?? 0) + 1)
    }
  }
  const implied = [...seen.keys()].filter((letter) => seen.get(letter) === 1 && !letter.startsWith('.')).toSorted()
  const output =
    right === undefined
      ? [...dots, ...implied]
      : [...right.replace('...', '\0')].flatMap((letter) => (letter === '\0' ? dots : [letter]))
  return { sizes, output }
}

export const einsum: Rule = (call) => {
  const shapes = call.inputs.map((input) => input.shape)
  const equation = call.text('equation', '')
  if (shapes.some((shape) => !shape)) return [value(call.at(0).dtype, undefined)]
  const { sizes, output } = einsumTerms(equation, shapes as readonly (readonly number[])[])
  return [
    value(
      call.at(0).dtype,
      output.map((letter) => sizes.get(letter) ?? 1),
    ),
  ]
}

/** LSTM, GRU and RNN: all steps, the last state, and (LSTM) the last cell. */
export const recurrent: Rule = (call) => {
  const [x, r] = [call.at(0), call.at(2)]
  if (x.shape?.length !== 3 || r.shape?.length !== 3) return [value(x.dtype, undefined)]
  const [first, second] = x.shape as readonly [number, number, number]
  const directions = r.shape[0]!
  const hidden = call.int('hidden_size', r.shape[2]!)
  const batchFirst = call.int('layout', 0) === 1
  const all = batchFirst ? [first, second, directions, hidden] : [first, directions, second, hidden]
  const last = batchFirst ? [first, directions, hidden] : [directions, second, hidden]
  return [value(x.dtype, all), value(x.dtype, last), value(x.dtype, last)]
}

/** Sizes of an attention, whichever operator writes it; undefined where they are not known. Shared with the cost. */
export interface AttentionSizes {
  readonly batch: number
  readonly heads: number
  readonly kvHeads: number
  readonly queries: number
  /** Keys, those of the past included. */
  readonly keys: number
  readonly qkWidth: number
  readonly vWidth: number
}

export function attentionSizes(call: Call): AttentionSizes | undefined {
  const { op, domain } = call.node
  const [q, k, v] = [call.at(0).shape, call.at(1).shape, call.at(2).shape]
  if (!q) return undefined
  if (domain === '') {
    const past = call.at(4).shape?.[2] ?? 0
    if (!k || !v) return undefined
    if (q.length === 4) return sizes(q[0]!, q[1]!, k[1]!, q[2]!, k[2]! + past, q[3]!, v[3]!)
    const [heads, kvHeads] = [call.int('q_num_heads', 1), call.int('kv_num_heads', 1)]
    return sizes(q[0]!, heads, kvHeads, q[1]!, k[1]! + past, q[2]! / heads, v[2]! / kvHeads)
  }
  const heads = call.int('num_heads', 1)
  if (op === 'Attention') {
    const wide = k?.[1]
    if (wide === undefined) return undefined
    const [qw, , vw] = call.ints('qkv_hidden_sizes') ?? [wide / 3, wide / 3, wide / 3]
    return sizes(q[0]!, heads, heads, q[1]!, q[1]!, qw! / heads, vw! / heads)
  }
  if (op === 'GroupQueryAttention') {
    const kvHeads = call.int('kv_num_heads', heads)
    const packed = !call.has(1)
    const width = q[2]! / (packed ? heads + 2 * kvHeads : heads)
    return sizes(q[0]!, heads, kvHeads, q[1]!, q[1]! + (call.at(3).shape?.[2] ?? 0), width, width)
  }
  // MultiHeadAttention
  if (q.length !== 3 || !k || !v) return undefined
  const past = call.at(6).shape?.[2] ?? 0
  const length = k.length === 4 ? k[2]! : k[1]!
  return sizes(q[0]!, heads, heads, q[1]!, length + past, q[2]! / heads, v.length === 4 ? v[3]! : v[2]! / heads)
}

const sizes = (
  batch: number,
  heads: number,
  kvHeads: number,
  queries: number,
  keys: number,
  qkWidth: number,
  vWidth: number,
): AttentionSizes => ({ batch, heads, kvHeads, queries, keys, qkWidth, vWidth })

export const attention: Rule = (call) => {
  const { dtype, shape } = call.at(0)
  const of = attentionSizes(call)
  if (!of) return [value(dtype, undefined)]
  const flat =
    shape!.length === 4 ? [of.batch, of.heads, of.queries, of.vWidth] : [of.batch, of.queries, of.heads * of.vWidth]
  const present = (width: number): readonly number[] => [of.batch, of.kvHeads, of.keys, width]
  if (call.node.op === 'Attention' && call.node.domain !== '')
    return [value(dtype, flat), value(dtype, [2, ...present(of.vWidth)])]
  return [value(dtype, flat), value(dtype, present(of.qkWidth)), value(dtype, present(of.vWidth))]
}
