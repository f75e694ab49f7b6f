import { expect, test } from 'vitest'
import { Random } from '../base/random.ts'
import { arrivalShape } from './dispersion.ts'

test('a Poisson process has variation, dispersion near one and no memory', () => {
  const random = new Random(1)
  let t = 0
  const shape = arrivalShape(Float64Array.from({ length: 50_000 }, () => (t += random.exponential())))!
  expect(Math.abs(shape.cv - 1)).toBeLessThan(0.03)
  expect(Math.abs(shape.lag1)).toBeLessThan(0.03)
  expect(Math.abs(shape.dispersion - 1)).toBeLessThan(0.1)
})

test('a constant rate has none', () => {
  const shape = arrivalShape(Float64Array.from({ length: 1000 }, (_, i) => i * 10))!
  expect(shape.cv).toBeLessThan(1e-9)
  expect(shape.dispersion).toBeLessThan(0.01)
})

test('too few arrivals say nothing', () => {
  expect(arrivalShape(new Float64Array(10))).toBeUndefined()
})
