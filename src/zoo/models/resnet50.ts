// ResNet-50 v1.5 at 224 × 224 (He et al., 2015; the stride sits in the 3 × 3 convolution, as torchvision has it).
import type { Part } from '../../onnx/write.ts'
import { Builder, float32 } from '../builder.ts'

/** Blocks and inner width of each stage. */
const stages = [
  [3, 64],
  [4, 128],
  [6, 256],
  [3, 512],
] as const

export function resnet50(): Part {
  const g = new Builder(3)
  const relu = Math.SQRT2
  let x = g.input('input', float32, ['batch', 3, 224, 224])
  x = g.node('Relu', [g.conv('conv1', x, { from: 3, to: 64, kernel: 7, stride: 2, gain: relu })])
  x = g.node('MaxPool', [x], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] })
  let channels = 64
  for (const [stage, [blocks, width]] of stages.entries()) {
    for (let block = 0; block < blocks; block++) {
      const name = `layer${stage + 1}.${block}`
      const stride = block === 0 && stage > 0 ? 2 : 1
      const to = width * 4
      let y = g.node('Relu', [g.conv(`${name}.conv1`, x, { from: channels, to: width, kernel: 1, gain: relu })])
      y = g.node('Relu', [g.conv(`${name}.conv2`, y, { from: width, to: width, kernel: 3, stride, gain: relu })])
      y = g.conv(`${name}.conv3`, y, { from: width, to, kernel: 1, gain: 0.5 })
      const short = block === 0 ? downsample(g, `${name}.downsample`, x, channels, to, stride) : x
      x = g.node('Relu', [g.node('Add', [y, short])])
      channels = to
    }
  }
  x = g.node('Flatten', [g.node('GlobalAveragePool', [x])], { axis: 1 })
  const weight = g.weight('fc.weight', [1000, channels], 1 / Math.sqrt(channels))
  x = g.node('Gemm', [x, weight, g.weight('fc.bias', [1000], 0.02)], { transB: 1 })
  g.output(x, 'logits', float32, ['batch', 1000])
  return g.model('resnet50')
}

/** A strided 1 × 1 convolution; without stride it is one too, for the width changes. */
const downsample = (g: Builder, name: string, x: string, from: number, to: number, stride: number): string =>
  g.conv(name, x, { from, to, kernel: 1, stride, gain: 1.3 })
