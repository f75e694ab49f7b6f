// What the zoo's transformers share: attention written out as exporters write it, the two forms of GELU.
import type { Builder } from '../builder.ts'

/** Splits the last dimension into heads and brings them forward: [b, s, h·d] → [b, h, s, d]. */
export function heads(g: Builder, x: string, count: number, width: number): string {
  const split = g.node('Reshape', [x, g.ints([0, 0, count, width])])
  return g.node('Transpose', [split], { perm: [0, 2, 1, 3] })
}

/**
 * softmax(q kᵀ / √d) v over heads of `width`, and the heads put side by side again.
 * @param mask applied to the scores before the softmax
 */
export function attention(
  g: Builder,
  of: { readonly q: string; readonly k: string; readonly v: string; readonly count: number; readonly width: number },
  mask: (scores: string) => string = (scores) => scores,
): string {
  const q = heads(g, of.q, of.count, of.width)
  const k = g.node('Transpose', [g.node('Reshape', [of.k, g.ints([0, 0, of.count, of.width])])], { perm: [0, 2, 3, 1] })
  const v = heads(g, of.v, of.count, of.width)
  const scores = g.node('Div', [g.node('MatMul', [q, k]), g.floats(Math.sqrt(of.width))])
  const shares = g.node('Softmax', [mask(scores)], { axis: -1 })
  const mixed = g.node('Transpose', [g.node('MatMul', [shares, v])], { perm: [0, 2, 1, 3] })
  return g.node('Reshape', [mixed, g.ints([0, 0, of.count * of.width])])
}

/** x/2 · (1 + erf(x/√2)). */
export function geluErf(g: Builder, x: string): string {
  const erf = g.node('Erf', [g.node('Div', [x, g.floats(Math.SQRT2)])])
  return g.node('Mul', [g.node('Mul', [x, g.node('Add', [erf, g.floats(1)])]), g.floats(0.5)])
}

/** x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), the form GPT-2 was trained with. */
export function geluTanh(g: Builder, x: string): string {
  const cube = g.node('Mul', [g.node('Pow', [x, g.floats(3)]), g.floats(0.044715)])
  const inner = g.node('Mul', [g.node('Add', [x, cube]), g.floats(Math.sqrt(2 / Math.PI))])
  const outer = g.node('Add', [g.node('Tanh', [inner]), g.floats(1)])
  return g.node('Mul', [g.node('Mul', [x, g.floats(0.5)]), outer])
}
