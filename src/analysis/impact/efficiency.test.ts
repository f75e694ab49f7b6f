import { expect, test } from 'vitest'
import { energyDelayProduct } from './impact.ts'

test('the energy-delay product keeps an estimate a range', () => {
  const figure = energyDelayProduct({ value: null, low: 2, high: 20, n: 3, unit: 'J', grade: 'D' }, 0.5)
  expect(figure).toMatchObject({ value: null, low: 1, high: 10, unit: 'J·s', grade: 'D' })
})
