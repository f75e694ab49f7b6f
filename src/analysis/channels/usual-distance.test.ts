import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { median } from '../../stats/quantile.ts'
import { usualDistance } from './usual-distance.ts'

const every = (step: number, from: number, to: number): readonly number[] =>
  Array.from({ length: Math.floor((to - from) / step) }, (_, i) => from + i * step)

test('a burst before a short run is not what is usual', () => {
  const t = [...every(4, 0, 2000), ...every(100, 2000, 6000)]
  expect(usualDistance(t)).toBe(4)
  expect(usualDistance(t, { from: 0, to: 2000 })).toBe(100)
})

test('readings of the burst alone are better than none; of fewer than two nothing is known', () => {
  expect(usualDistance(every(4, 0, 100), { from: 0, to: 2000 })).toBe(4)
  expect(usualDistance([])).toBe(0)
  expect(usualDistance([5, 5])).toBe(0)
})

test('without a burst it is the median distance', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 50 }), (distances) => {
      const t = [0]
      for (const distance of distances) t.push(t.at(-1)! + distance)
      expect(usualDistance(t)).toBe(median(distances))
    }),
  )
})
