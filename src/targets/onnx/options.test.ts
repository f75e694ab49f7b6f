import { expect, test } from 'vitest'
import { onnxKind } from './kind.ts'
import { onnx, parseShapeFlag } from './options.ts'

test('a --shape flag names an input and its sizes', () => {
  expect(parseShapeFlag('ids=1x128')).toEqual({ name: 'ids', dims: [1, 128] })
  expect(parseShapeFlag('a=b:0=2,3')).toEqual({ name: 'a=b:0', dims: [2, 3] })
  for (const wrong of ['ids', 'ids=', '=1x2', 'ids=1xx2', 'ids=1x-2', 'ids=1x2.5', 'ids=axb'])
    expect(() => parseShapeFlag(wrong), wrong).toThrow(expect.objectContaining({ code: 'shape-invalid' }))
})

test('the batch is a field of the spec, the other options are the target’s own', () => {
  expect(onnx('m.onnx', { batch: 8, threads: 2 })).toEqual({
    kind: 'onnx',
    batch: 8,
    options: { path: 'm.onnx', threads: 2 },
  })
  expect(onnx('m.onnx')).toEqual({ kind: 'onnx', options: { path: 'm.onnx' } })
})

test('what --advise tries is an option that may vary', () => {
  const { options, tries } = onnxKind
  for (const key of tries!) expect(options[key as keyof typeof options], key).toHaveProperty('vary')
})
