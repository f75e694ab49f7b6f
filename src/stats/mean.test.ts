import { expect, test } from 'vitest'
import { differenceHalf, mean, meanInterval } from './mean.ts'
import { Moments } from './moments.ts'
import { studentQuantile } from './student.ts'

const moments = (values: readonly number[]): Moments => {
  const found = new Moments()
  for (const value of values) found.add(value)
  return found
}

test('the mean of a few values has Student’s interval', () => {
  const { mean: centre, half, n } = meanInterval([4, 6, 8])
  // s = 2, t(0.975, 2) = 4.3027
  expect([centre, n]).toEqual([6, 3])
  expect(half).toBeCloseTo((4.3027 * 2) / Math.sqrt(3), 3)
})

test('a single value has no interval, none has no mean', () => {
  expect(meanInterval([5])).toEqual({ mean: 5, half: null, n: 1 })
  expect(mean([])).toBeNaN()
})

test('a difference of means has Welch’s interval: the noisier of the two decides its degrees of freedom', () => {
  // Variances 1 and 100 of four values each: 3.06 degrees of freedom, not 6.
  const quiet = moments([9, 10, 10, 11].map((value) => 10 + (value - 10) * Math.sqrt(1.5)))
  const noisy = moments([9, 10, 10, 11].map((value) => 50 + (value - 10) * Math.sqrt(150)))
  expect([quiet.variance, noisy.variance].map((variance) => Math.round(variance))).toEqual([1, 100])
  expect(differenceHalf(quiet, noisy)).toBeCloseTo(
    studentQuantile(0.975, 25.25 ** 2 / ((0.25 ** 2 + 25 ** 2) / 3)) * Math.sqrt(25.25),
    9,
  )
  expect(differenceHalf(moments([3, 3]), moments([5, 5]))).toBe(0)
})
