import { expect, test } from 'vitest'
import type { Figure } from '../../run/figure.ts'
import { carbonOf } from './carbon-section.ts'
import { cautionText } from '../../run/caution.ts'

const energy: Figure = { value: 3600, low: 3500, high: 3700, n: 10, unit: 'J', grade: 'B', scope: 'package' }

test('the same run in Norway and in Poland differs as their grids do', () => {
  const [norway, poland] = ['NOR', 'POL'].map((region) => carbonOf(energy, 100, { region }))
  expect(norway!.carbon_g!.value).toBeCloseTo(0.03075, 9)
  expect(poland!.carbon_g!.value).toBeCloseTo(0.61498, 9)
  expect(poland!.carbon!.per_inference_g!.value).toBeCloseTo(0.0061498, 9)
  expect(norway!.carbon).toMatchObject({ region: 'NOR', kind: 'lifecycle', basis: 'production', pue: 1 })
})

test('without a region the answer is a range that says so, never one number', () => {
  const { carbon_g, carbon } = carbonOf(energy, 100)
  expect(carbon_g!.value).toBeNull()
  expect(carbon_g!.high! / carbon_g!.low!).toBeGreaterThan(10)
  expect(cautionText(carbon_g!)).toContain('--region')
  expect(carbon).toMatchObject({ region: null, g_per_kwh: null })
})

test('a given intensity goes before the region, and the PUE multiplies', () => {
  const { carbon_g } = carbonOf(energy, 1, { region: 'NOR', grid_g_per_kwh: 500, pue: 1.2 })
  expect(carbon_g!.value).toBeCloseTo(0.6, 12)
  expect(carbon_g!.low).toBeCloseTo((3500 / 3.6e6) * 500 * 1.2, 12)
})

test('an estimate stays a range, and no energy gives no carbon', () => {
  const estimate: Figure = { value: null, low: 100, high: 900, n: 3, unit: 'J', grade: 'D' }
  expect(carbonOf(estimate, 1, { region: 'DEU' }).carbon_g).toMatchObject({ value: null, grade: 'D', unit: 'g' })
  expect(carbonOf(undefined, 1)).toEqual({ carbon_g: null, carbon: null })
})

test('both half-widths come in grams: they add up to the interval of the grams, as they did for the joules', () => {
  const sure: Figure = { ...energy, statistical: 60, systematic: 40 }
  const { carbon_g, carbon } = carbonOf(sure, 100, { region: 'POL', pue: 1.5 })
  for (const figure of [carbon_g!, carbon!.per_inference_g!]) {
    expect(figure.value! + figure.statistical! + figure.systematic!).toBeCloseTo(figure.high!, 12)
    expect(figure.value! - figure.statistical! - figure.systematic!).toBeCloseTo(figure.low!, 12)
  }
  expect(carbon_g!.statistical).toBeCloseTo((60 / 3.6e6) * 1.5 * 614.98, 9)
  expect(carbon!.per_inference_g!.systematic).toBeCloseTo(((40 / 3.6e6) * 1.5 * 614.98) / 100, 12)
  const world = carbonOf(sure, 100).carbon_g!
  expect([world.statistical, world.systematic]).toEqual([undefined, undefined])
})
