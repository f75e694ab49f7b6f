import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Figure } from '../../run/figure.ts'
import { embodiedGrams, operationalCarbon, operationalGrams } from './carbon.ts'

const energy: Figure = { value: 3.6e6, low: 3.5e6, high: 3.7e6, n: 5, unit: 'J', grade: 'B', scope: 'system' }
const amount = fc.double({ min: 1e-6, max: 1e12, noNaN: true })

test('the worked example of the SCI specification gives 28.54 g', () => {
  const embodied = embodiedGrams({ total_g: 1e6, lifespan_s: 4 * 365 * 86_400, share: 1 }, 3600)
  expect(embodied).toBeCloseTo(28.54, 2)
})

test('one kWh in Norway and in Poland differs as their grids do', () => {
  const norway = operationalCarbon(energy, { g_per_kwh: 30.8, how: 'NOR' })
  const poland = operationalCarbon(energy, { g_per_kwh: 615, how: 'POL' })
  expect([norway.value, poland.value]).toEqual([30.8, 615])
  expect(poland.high! / energy.high!).toBeCloseTo(615 / 3.6e6, 15)
})

test('grams are exact to 1e-12, linear in the joules and monotone', () => {
  fc.assert(
    fc.property(
      amount,
      fc.double({ min: 1, max: 3, noNaN: true }),
      fc.double({ min: 5, max: 1200, noNaN: true }),
      (j, pue, g) => {
        const grams = operationalGrams(j, pue, g)
        expect(Math.abs(grams / ((j * pue * g) / 3.6e6) - 1)).toBeLessThan(1e-12)
        expect(Math.abs(operationalGrams(2 * j, pue, g) / (2 * grams) - 1)).toBeLessThan(1e-12)
        expect(operationalGrams(j * 1.5, pue, g)).toBeGreaterThan(grams)
      },
    ),
  )
})

test('without a region the answer is a range; so is that of an energy which is a range', () => {
  const world = operationalCarbon(energy, { low: 20, high: 1100, how: 'world' })
  expect(world.value).toBeNull()
  expect(world.low).toBeCloseTo((3.5 / 3.6) * 20, 9)
  expect(world.high).toBeCloseTo((3.7 / 3.6) * 1100, 9)
  const estimate = operationalCarbon({ ...energy, value: null, grade: 'D' }, { g_per_kwh: 100, how: 'x' })
  expect(estimate).toMatchObject({ value: null, grade: 'D', unit: 'g' })
})
