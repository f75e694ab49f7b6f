// BERT-base, uncased vocabulary, without pooler (Devlin et al., 2018): twelve layers, normalised after each sum.
import type { Part } from '../../onnx/write.ts'
import { Builder, float32, int64 } from '../builder.ts'
import { attention, geluErf } from './transformer.ts'

const width = 768
const inner = 3072
const layers = 12
const vocabulary = 30522
const positions = 512
const epsilon = 1e-12

export function bertBase(): Part {
  const g = new Builder(5)
  const shape = ['batch', 'sequence'] as const
  const ids = g.input('input_ids', int64, shape)
  const mask = g.input('attention_mask', int64, shape)
  const types = g.input('token_type_ids', int64, shape)

  const words = g.node('Gather', [g.weight('embeddings.word', [vocabulary, width], 1), ids])
  const segments = g.node('Gather', [g.weight('embeddings.token_type', [2, width], 0.3), types])
  const length = g.node('Gather', [g.node('Shape', [ids]), g.ints(1)])
  const range = g.node('Range', [g.ints(0), length, g.ints(1)])
  const places = g.node('Gather', [g.weight('embeddings.position', [positions, width], 0.3), range])
  let x = g.node('Add', [g.node('Add', [words, segments]), places])
  x = g.layerNorm('embeddings.norm', x, width, epsilon)

  // 0 where attention is allowed, the lowest number where not.
  const wide = g.node('Cast', [g.node('Unsqueeze', [mask, g.ints([1, 2])])], { to: float32 })
  const bias = g.node('Mul', [g.node('Sub', [g.floats(1), wide]), g.floats(-3.4028234663852886e38)])

  for (let i = 0; i < layers; i++) {
    const name = `layer.${i}`
    const q = g.linear(`${name}.query`, x, width, width)
    const k = g.linear(`${name}.key`, x, width, width)
    const v = g.linear(`${name}.value`, x, width, width)
    const mixed = attention(g, { q, k, v, count: 12, width: 64 }, (scores) => g.node('Add', [scores, bias]))
    const attended = g.node('Add', [g.linear(`${name}.attention.output`, mixed, width, width), x])
    x = g.layerNorm(`${name}.attention.norm`, attended, width, epsilon)
    const hidden = geluErf(g, g.linear(`${name}.intermediate`, x, width, inner))
    x = g.layerNorm(
      `${name}.norm`,
      g.node('Add', [g.linear(`${name}.output`, hidden, inner, width), x]),
      width,
      epsilon,
    )
  }
  g.output(x, 'last_hidden_state', float32, [...shape, width])
  return g.model('bert-base')
}
