// GPT-2 124M with logits (Radford et al., 2019): twelve layers, normalised before, output matrix tied to the embedding.
// Attention is computed whole and then masked, without a cache of keys and values.
import type { Part } from '../../onnx/write.ts'
import { Builder, float32, int64 } from '../builder.ts'
import { attention, geluTanh } from './transformer.ts'

const width = 768
const inner = 3072
const layers = 12
const vocabulary = 50257
const positions = 1024
const epsilon = 1e-5
/** What flows on the residual path is a sum of this many: each is scaled so that the sum stays of order 1. */
const residual = 1 / Math.sqrt(2 * layers)

export function gpt2(): Part {
  const g = new Builder(6)
  const ids = g.input('input_ids', int64, ['batch', 'sequence'])
  const table = g.weight('wte', [vocabulary, width], 1 / Math.sqrt(width))
  const shape = g.node('Shape', [ids])
  const length = g.node('Gather', [shape, g.ints(1)])
  const range = g.node('Range', [g.ints(0), length, g.ints(1)])
  const places = g.node('Gather', [g.weight('wpe', [positions, width], 0.01), range])
  let x = g.node('Add', [g.node('Gather', [table, ids]), places])

  // A token sees itself and what is before it.
  const rows = g.node('Unsqueeze', [range, g.ints([1])])
  const columns = g.node('Unsqueeze', [range, g.ints([0])])
  const visible = g.node('GreaterOrEqual', [rows, columns])
  const causal = (scores: string): string => g.node('Where', [visible, scores, g.floats(-3.4028234663852886e38)])

  for (let i = 0; i < layers; i++) {
    const name = `h.${i}`
    const wide = g.linear(`${name}.attn.c_attn`, g.layerNorm(`${name}.ln_1`, x, width, epsilon), width, 3 * width)
    const [q, k, v] = g.nodes('Split', [wide, g.ints([width, width, width])], 3, { axis: 2 })
    const mixed = attention(g, { q: q!, k: k!, v: v!, count: 12, width: 64 }, causal)
    x = g.node('Add', [x, g.linear(`${name}.attn.c_proj`, mixed, width, width, residual / Math.sqrt(width))])
    const hidden = geluTanh(
      g,
      g.linear(`${name}.mlp.c_fc`, g.layerNorm(`${name}.ln_2`, x, width, epsilon), width, inner),
    )
    x = g.node('Add', [x, g.linear(`${name}.mlp.c_proj`, hidden, inner, width, residual / Math.sqrt(inner))])
  }
  x = g.layerNorm('ln_f', x, width, epsilon)
  // One matrix product with the table as it lies: a transposed copy would cost 154 MB.
  const flat = g.node('Reshape', [x, g.ints([-1, width])])
  const scores = g.node('Gemm', [flat, table], { transB: 1 })
  const logits = g.node('Reshape', [scores, g.node('Concat', [shape, g.ints([vocabulary])], { axis: 0 })])
  g.output(logits, 'logits', float32, ['batch', 'sequence', vocabulary])
  return g.model('gpt2')
}
