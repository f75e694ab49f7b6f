// Models that leave an engine nothing to do but multiply and add: chains of matrix products and of convolutions, their ends
// cut short so that copying a result out costs nothing.
import type { Part } from '../onnx/write.ts'
import { Builder, float32 } from '../zoo/builder.ts'
import type { ConvSize, MatMulSize } from './probe.ts'

export function matmulModel({ width, depth }: MatMulSize): Part {
  const g = new Builder(71)
  let x = g.input('x', float32, [width, width])
  for (let i = 1; i <= depth; i++)
    x = g.node('MatMul', [x, g.weight(`weight_${i}`, [width, width], 1 / Math.sqrt(width))])
  g.output(g.node('Slice', [x, g.ints([0]), g.ints([1]), g.ints([0])]), 'y', float32, [1, width])
  return g.model('ceiling-matmul')
}

export function convModel({ images, channels, pixels, depth }: ConvSize): Part {
  const g = new Builder(72)
  let x = g.input('x', float32, [images, channels, pixels, pixels])
  for (let i = 1; i <= depth; i++) x = g.conv(`conv_${i}`, x, { from: channels, to: channels, kernel: 3, gain: 1 })
  g.output(g.node('GlobalAveragePool', [x]), 'y', float32, [images, channels, 1, 1])
  return g.model('ceiling-conv')
}
