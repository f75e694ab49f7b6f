// The zoo's architectures by what they cost and hold, read off the files as they would be written.
import { expect, test } from 'vitest'
import { modelFacts } from '../onnx/inspect.ts'
import { readModel } from '../onnx/read.ts'
import { outlineSource } from '../onnx/write.ts'
import { zoo, zooModel } from './catalog.ts'
import { zooListing } from './listing.ts'
import { normalData } from './weights.ts'

const costs = (name: string, shapes: Readonly<Record<string, readonly number[]>>): number | null => {
  const source = outlineSource(zooModel(name).build())
  return modelFacts(readModel(source, name), source.size, { path: name, shapes }).macs
}

// MACs: torchvision's own figures, and the arithmetic of the papers; parameters: torchvision's and Hugging Face's less what
// folding a batch normalisation saves (three numbers a channel: 3 × 26 560 and 3 × 17 056, kept: one bias).
test.each([
  ['mlp', 784 * 512 + 512 * 256 + 2560, 535_818],
  ['mobilenetv2', 300_774_272, 3_504_872 - 17_056],
  ['resnet50', 4_089_184_256, 25_557_032 - 26_560],
  ['vit-b16', 17_563_828_224, 86_567_656],
  ['bert-base', 11_173_625_856, 109_482_240 - 590_592],
  ['gpt2', 145_824_153_600, 124_439_808],
] as const)('%s costs exactly %d MACs and holds %d parameters', (name, macs, parameters) => {
  expect(zooListing().find((row) => row.name === name)).toMatchObject({ macs, flops: 2 * macs, parameters })
})

test.each([
  [384, 35_332_816_896],
  [512, 48_318_382_080],
])('bert-base at S = %d costs exactly %d MACs', (length, macs) => {
  expect(costs('bert-base', { input_ids: [1, length] })).toBe(macs)
})

test('a sequence longer than the positions is refused before it runs', () => {
  expect(() => costs('gpt2', { input_ids: [1, 1025] })).toThrow('shape-invalid')
})

test('the listing says bytes of the file as it is written', () => {
  for (const row of zooListing()) expect(row.bytes).toBe(zooModel(row.name).build().length)
})

test('an unknown name is refused', () => {
  expect(() => zooModel('alexnet')).toThrow('zoo-unknown')
})

test('weights have the spread asked for, none near zero, and are the same every time', () => {
  const draw = (seed: number): Float32Array => {
    const data = new Float32Array(100_000)
    let at = 0
    normalData(data.length, seed, 0.05).leaves((leaf) => {
      if (leaf.kind === 'drawn')
        leaf.draw((block) => {
          data.set(block, at)
          at += block.length
        })
    })
    return data
  }
  const data = draw(3)
  const mean = data.reduce((a, b) => a + b, 0) / data.length
  const std = Math.sqrt(data.reduce((a, b) => a + (b - mean) ** 2, 0) / data.length)
  expect(Math.abs(mean)).toBeLessThan(0.001)
  expect(std).toBeCloseTo(0.05, 3)
  expect(Math.min(...data.map(Math.abs).subarray(0, 10_000))).toBeGreaterThan(1e-5)
  expect(draw(3)).toEqual(data)
  expect(draw(4)).not.toEqual(data)
})

test('every model names what it is listed at', () => {
  for (const { build, listedAt, name } of zoo) {
    const { inputs } = readModel(outlineSource(build()), name).graph
    expect(inputs.map((input) => input.name)).toEqual(expect.arrayContaining(Object.keys(listedAt)))
  }
})
