// ViT-B/16 at 224 × 224 (Dosovitskiy et al., 2020): 196 patches and a class token, twelve layers, normalised before.
import type { Part } from '../../onnx/write.ts'
import { Builder, float32 } from '../builder.ts'
import { attention, geluErf } from './transformer.ts'

const width = 768
const inner = 3072
const layers = 12
const tokens = 197
const epsilon = 1e-6
const residual = 1 / Math.sqrt(2 * layers)

export function vitB16(): Part {
  const g = new Builder(4)
  const image = g.input('input', float32, ['batch', 3, 224, 224])
  const patches = g.conv('conv_proj', image, { from: 3, to: width, kernel: 16, stride: 16, gain: 1 })
  const sequence = g.node('Transpose', [g.node('Reshape', [patches, g.ints([0, width, -1])])], { perm: [0, 2, 1] })
  const batch = g.node('Slice', [g.node('Shape', [image]), g.ints([0]), g.ints([1])])
  const start = g.node('Expand', [
    g.weight('class_token', [1, 1, width], 1),
    g.node('Concat', [batch, g.ints([1, width])], { axis: 0 }),
  ])
  let x = g.node('Concat', [start, sequence], { axis: 1 })
  x = g.node('Add', [x, g.weight('pos_embedding', [1, tokens, width], 0.1)])

  for (let i = 0; i < layers; i++) {
    const name = `layers.${i}`
    const wide = g.linear(`${name}.in_proj`, g.layerNorm(`${name}.ln_1`, x, width, epsilon), width, 3 * width)
    const [q, k, v] = g.nodes('Split', [wide, g.ints([width, width, width])], 3, { axis: 2 })
    const mixed = attention(g, { q: q!, k: k!, v: v!, count: 12, width: 64 })
    x = g.node('Add', [x, g.linear(`${name}.out_proj`, mixed, width, width, residual / Math.sqrt(width))])
    const hidden = geluErf(g, g.linear(`${name}.mlp.0`, g.layerNorm(`${name}.ln_2`, x, width, epsilon), width, inner))
    x = g.node('Add', [x, g.linear(`${name}.mlp.3`, hidden, inner, width, residual / Math.sqrt(inner))])
  }
  x = g.node('Gather', [g.layerNorm('ln', x, width, epsilon), g.ints(0)], { axis: 1 })
  const weight = g.weight('head.weight', [1000, width], 1 / Math.sqrt(width))
  x = g.node('Gemm', [x, weight, g.weight('head.bias', [1000], 0.02)], { transB: 1 })
  g.output(x, 'logits', float32, ['batch', 1000])
  return g.model('vit-b16')
}
