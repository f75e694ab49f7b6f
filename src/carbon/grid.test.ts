import { expect, test } from 'vitest'
import { gridAreas } from './grid.ts'
import { faultsOf } from './intensity.ts'
import { worldRange } from './region.ts'

test('the shipped table has no fault: range, year, licence, unique codes', () => {
  expect(faultsOf(gridAreas, new Date().getUTCFullYear())).toEqual([])
  expect(gridAreas.length).toBeGreaterThan(190)
})

test('the validator sees a lost decimal point, a year to come, a shifted column and a code twice', () => {
  const good = gridAreas[0]!
  const bad = (change: object): readonly string[] =>
    faultsOf([{ ...good, intensity: { ...good.intensity, ...change } }], 2026)
  expect(bad({ g_per_kwh: 77_000 })).toHaveLength(1)
  expect(bad({ g_per_kwh: 0 })).toHaveLength(1)
  expect(bad({ g_per_kwh: 2024, year: 123.71 })).toHaveLength(2)
  expect(bad({ year: 2027 })).toHaveLength(1)
  expect(bad({ licence: '' })).toHaveLength(1)
  expect(faultsOf([good, good], 2026)).toEqual([`${good.code}: stands twice`, `${good.alpha2}: stands twice`])
  expect(faultsOf([{ ...good, alpha2: '' }], 2026)).toHaveLength(1)
})

test('without a region the range spans the lowest to the highest country, the world within', () => {
  const { low, high, average } = worldRange()
  expect(low.intensity.g_per_kwh).toBeLessThan(average.intensity.g_per_kwh)
  expect(high.intensity.g_per_kwh).toBeGreaterThan(average.intensity.g_per_kwh)
  for (const { intensity } of gridAreas) {
    expect(intensity.g_per_kwh).toBeGreaterThanOrEqual(low.intensity.g_per_kwh)
    expect(intensity.g_per_kwh).toBeLessThanOrEqual(high.intensity.g_per_kwh)
  }
  expect(high.name).toBe('Turkmenistan')
})
