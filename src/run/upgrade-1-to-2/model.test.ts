import { expect, test } from 'vitest'
import { describeFill } from '../../onnx/inputs.ts'
import type { Fill } from '../manifest.ts'
import { upgrade1To2 } from '../upgrade-1-to-2.ts'

const upgraded = (fill: unknown): unknown => {
  const { target } = upgrade1To2({ target: { model: { inputs: [{ name: 'x', fill }] } } })
  return (target as { model: { inputs: { fill: unknown }[] } }).model.inputs[0]!.fill
}

test.each<Fill>([
  { kind: 'normal' },
  { kind: 'zeros' },
  { kind: 'ones' },
  { kind: 'bytes' },
  { kind: 'text' },
  { kind: 'ids', below: 30_522 },
  { kind: 'positions', below: 512 },
  { kind: 'length', value: 128 },
])('how an input is filled was a phrase: $kind', (fill) => {
  expect(upgraded(describeFill(fill))).toEqual(fill)
})

test('what is no phrase of ours is the schema’s to judge', () => {
  expect(upgraded(5)).toBe(5)
  expect(upgraded('with sand')).toEqual({ kind: 'with sand' })
})
