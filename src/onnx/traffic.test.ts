// Bytes that operators move, counted by hand for models of this repository.
import { expect, test } from 'vitest'
import { Builder, float32, int64 } from '../zoo/builder.ts'
import { mlp } from '../zoo/models/mlp.ts'
import { inspectModel } from './inspect.ts'
import { collect, memorySource, outlineSource, type Part } from './write.ts'

const facts = (part: Part, batch = 1) => inspectModel(outlineSource(part), { path: 'test', batch })

test('weights once a request, activations for each sample', () => {
  const floats = 784 + 512 + 2 * 512 + 512 + 256 + 2 * 256 + 256 + 10
  const one = facts(mlp())
  expect(one.traffic).toEqual({ weight_bytes: one.parameters * 4, activation_bytes: floats * 4 })
  expect(facts(mlp(), 8).traffic).toEqual({ weight_bytes: one.parameters * 4, activation_bytes: 8 * floats * 4 })
  expect(one.macs_dtype).toBe('float32')
})

test('of a table only the rows that are looked up, reshaping moves nothing', () => {
  const g = new Builder(1)
  const ids = g.input('ids', int64, [1, 6])
  const rows = g.node('Gather', [g.weight('table', [30_000, 64], 1), ids])
  g.output(g.node('Reshape', [rows, g.ints([6, 64])]), 'out', float32, [6, 64])
  expect(inspectModel(memorySource(collect(g.model('lookup'))), { path: 'test' }).traffic).toEqual({
    weight_bytes: 6 * 64 * 4,
    // The ids and what is looked up; the reshape's copy is none.
    activation_bytes: 6 * 8 + 6 * 64 * 4,
  })
})

test('a shape that depends on data leaves the bytes unknown', () => {
  const g = new Builder(1)
  const x = g.input('x', float32, [4, 4])
  g.output(g.node('Relu', [g.node('NonZero', [x])]), 'out', int64, [2, 'n'])
  expect(facts(g.model('unknown')).traffic).toBeNull()
})
