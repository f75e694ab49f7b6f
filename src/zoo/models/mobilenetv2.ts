// MobileNetV2 1.0 at 224 × 224 (Sandler et al., 2018, table 2; channel counts as torchvision has them).
import type { Part } from '../../onnx/write.ts'
import { Builder, float32 } from '../builder.ts'

/** Expansion, output channels, repeats, stride of the first. */
const stages = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const

export function mobilenetv2(): Part {
  const g = new Builder(2)
  const relu6 = (x: string): string => g.node('Clip', [x, g.floats(0), g.floats(6)])
  const relu = Math.SQRT2
  let x = g.input('input', float32, ['batch', 3, 224, 224])
  x = relu6(g.conv('features.0', x, { from: 3, to: 32, kernel: 3, stride: 2, gain: relu }))
  let channels = 32
  let index = 0
  for (const [expansion, to, repeats, first] of stages) {
    for (let i = 0; i < repeats; i++) {
      const name = `features.${++index}`
      const stride = i === 0 ? first : 1
      const hidden = channels * expansion
      let y = x
      if (expansion !== 1) y = relu6(g.conv(`${name}.expand`, y, { from: channels, to: hidden, kernel: 1, gain: relu }))
      y = relu6(
        g.conv(`${name}.depthwise`, y, { from: hidden, to: hidden, kernel: 3, stride, groups: hidden, gain: relu }),
      )
      const adds = stride === 1 && channels === to
      // What is added to the residual is kept below it, so that the sum does not grow with depth.
      y = g.conv(`${name}.project`, y, { from: hidden, to, kernel: 1, gain: adds ? 0.5 : 1 })
      x = adds ? g.node('Add', [x, y]) : y
      channels = to
    }
  }
  x = relu6(g.conv('features.18', x, { from: channels, to: 1280, kernel: 1, gain: relu }))
  x = g.node('Flatten', [g.node('GlobalAveragePool', [x])], { axis: 1 })
  const weight = g.weight('classifier.weight', [1000, 1280], 1 / Math.sqrt(1280))
  x = g.node('Gemm', [x, weight, g.weight('classifier.bias', [1000], 0.02)], { transB: 1 })
  g.output(x, 'logits', float32, ['batch', 1000])
  return g.model('mobilenetv2')
}
