// A multilayer perceptron of three layers: small enough that what is around the engine shows.
import type { Part } from '../../onnx/write.ts'
import { Builder, float32 } from '../builder.ts'

const widths = [784, 512, 256, 10] as const

export function mlp(): Part {
  const g = new Builder(1)
  let x = g.input('input', float32, ['batch', widths[0]])
  for (let i = 1; i < widths.length; i++) {
    const [from, to] = [widths[i - 1]!, widths[i]!]
    const last = i === widths.length - 1
    const std = Math.sqrt((last ? 1 : 2) / from)
    const weight = g.weight(`layers.${i}.weight`, [to, from], std)
    x = g.node('Gemm', [x, weight, g.weight(`layers.${i}.bias`, [to], 0.05)], { transB: 1 })
    if (!last) x = g.node('Relu', [x])
  }
  g.output(x, 'logits', float32, ['batch', widths[3]])
  return g.model('mlp')
}
