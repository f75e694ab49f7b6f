import { expect, test } from 'vitest'
import { blockHistogram } from './blocks.ts'

test('draws counts over the logarithm of the value', () => {
  const { bar, from, to } = blockHistogram(
    [
      [1, 100],
      [10, 1],
      [100, 25],
    ],
    { width: 9 },
  )
  expect([from, to]).toEqual([1, 100])
  expect(bar).toBe('█   ▁   ▅')
})

test('stands for one value and for none', () => {
  expect(blockHistogram([[5, 3]], { width: 4, ascii: true }).bar).toBe('@   ')
  expect(blockHistogram([], { width: 4 }).bar).toBe('')
})
