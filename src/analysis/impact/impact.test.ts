import { expect, test } from 'vitest'
import type { Figure } from '../../run/figure.ts'
import type { LiveIntensity } from '../../run/sections/impact.ts'
import { impactAbsences, impactOf, mergedContext, type ImpactInput } from './impact.ts'
import { cautionText } from '../../run/caution.ts'

const total: Figure = {
  value: 3.6e6,
  low: 3.4e6,
  high: 3.8e6,
  n: 10,
  statistical: 1.5e5,
  systematic: 5e4,
  unit: 'J',
  grade: 'B',
  scope: 'package',
}
const perInference: Figure = { ...total, value: 3600, low: 3400, high: 3800, statistical: 150, systematic: 50 }
const input: ImpactInput = { total, perInference, inferences: 1000, seconds: 3600, service_s: 0.5, live: undefined }
const live: LiveIntensity = {
  zone: 'DE',
  g_per_kwh: 250,
  low: 240,
  high: 260,
  readings: 2,
  coverage: 1,
  estimated: false,
  year: 2026,
}
const embodied = { total_g: 1e6, lifespan_s: 4 * 365 * 86_400, share: 1 }

test('nothing that was not asked for is reckoned, but carbon and the energy-delay product', () => {
  const impact = impactOf(input)
  expect(impact).toMatchObject({ cost: null, sci: null, carbon: { region: null } })
  expect(impact.energy_delay_product_js).toMatchObject({ value: 1800, statistical: 75, systematic: 25, unit: 'J·s' })
})

test('cost: one kWh at 0.30 EUR, the building’s overhead paid too, an inference and a million', () => {
  const { cost } = impactOf(input, { pue: 1.2, tariff: { per_kwh: 0.3, currency: 'EUR' } })
  expect(cost).toMatchObject({ per_kwh: 0.3, currency: 'EUR', pue: 1.2, total: { unit: 'EUR', scope: 'package' } })
  expect(cost!.total.value).toBeCloseTo(0.36, 12)
  expect(cost!.total.statistical).toBeCloseTo((0.36 * 1.5e5) / 3.6e6, 12)
  expect(cost!.per_inference!.value).toBeCloseTo(0.36e-3, 12)
  expect(cost!.per_million!.value).toBeCloseTo(360, 9)
  expect(cost!.per_million!.high).toBeCloseTo((360 * 3.8) / 3.6, 9)
})

test('SCI: the worked example’s 28.54 g of embodied emissions, and ((E × I) + M)/R from the inputs beside it', () => {
  const { sci } = impactOf(input, { grid_g_per_kwh: 71.46, embodied, pue: 1 })
  expect(sci!.embodied_g).toBeCloseTo(28.54, 2)
  expect(sci!.per_inference_g!.value! * 1000).toBeCloseTo(100, 2)
  const { energy_kwh, g_per_kwh, total_embodied_g, lifespan_s, reserved_s, share, units } = sci!
  expect((energy_kwh.value! * g_per_kwh! + total_embodied_g * (reserved_s / lifespan_s) * share) / units).toBeCloseTo(
    sci!.per_inference_g!.value!,
    12,
  )
})

test('SCI: a constant moves the interval and leaves the half-widths; a range of grids leaves a range', () => {
  const known = impactOf(input, { grid_g_per_kwh: 100, embodied }).sci!.per_inference_g!
  expect(known.value! - known.low!).toBeCloseTo(known.statistical! + known.systematic!, 12)
  const unknown = impactOf(input, { embodied }).sci!
  expect(unknown).toMatchObject({ g_per_kwh: null, per_inference_g: { value: null } })
  expect(unknown.per_inference_g!.low).toBeGreaterThan(unknown.embodied_g / 1000)
})

test('a cloud region brings its country and its provider’s PUE with year and source; a given PUE goes before', () => {
  const context = { region: 'SWE', cloud: 'aws:eu-north-1' }
  const { carbon, carbon_g } = impactOf(input, context)
  expect(carbon).toMatchObject({ region: 'SWE', cloud: 'aws:eu-north-1', pue: 1.14 })
  expect(carbon!.pue_source).toMatchObject({ provider: 'AWS', year: 2025 })
  expect(carbon_g!.value).toBeCloseTo(35.89 * 1.14, 9)
  expect(impactOf(input, { ...context, pue: 1.5 }).carbon).toMatchObject({ pue: 1.5, pue_source: 'given' })
  expect(impactOf(input, { region: 'SWE' }).carbon).toMatchObject({ pue: 1, pue_source: null })
})

test('live readings go before the average of the country, and a given intensity before both', () => {
  const context = { region: 'DEU', zone: 'DE' }
  const seen = { ...input, live }
  expect(impactOf(seen, context).carbon_g!.value).toBeCloseTo(250, 9)
  expect(impactOf(seen, context).carbon).toMatchObject({ basis: 'consumption', year: 2026, live: { readings: 2 } })
  expect(impactOf(seen, { ...context, grid_g_per_kwh: 10 }).carbon_g!.value).toBeCloseTo(10, 9)
  expect(impactOf(seen, { region: 'DEU' }).carbon!.basis).toBe('production')
  const doubtful = impactOf({ ...seen, live: { ...live, estimated: true, coverage: 0.5 } }, context)
  expect(cautionText(doubtful.carbon_g!)).toMatch(/50 %.*estimated/)
})

test('SCI with live readings uses them as its I', () => {
  expect(impactOf({ ...input, live }, { zone: 'DE', embodied }).sci).toMatchObject({ g_per_kwh: 250 })
})

test('what was asked for and cannot be had is a row, once', () => {
  const context = { region: 'DEU', zone: 'DE', tariff: { per_kwh: 1, currency: '' }, embodied }
  const what = (rows: readonly { readonly what: string }[]): readonly string[] => rows.map((row) => row.what)
  expect(what(impactAbsences({ total: undefined, live }, context, []))).toEqual(['carbon_g', 'cost', 'sci'])
  expect(what(impactAbsences({ total, live: undefined }, context, []))).toEqual(['grid_intensity'])
  const told = [{ what: 'grid_intensity', reason: 'no key', remedy: 'set it' }]
  expect(impactAbsences({ total, live: undefined }, context, told)).toEqual([])
  expect(impactAbsences({ total, live: undefined }, { ...context, grid_g_per_kwh: 5 }, [])).toEqual([])
})

test('another region replaces all that was said about the grid; another tariff replaces only the tariff', () => {
  const stored = { region: 'SWE', cloud: 'aws:eu-north-1', grid_g_per_kwh: 3, pue: 1.3, embodied }
  expect(mergedContext(stored, { region: 'POL' })).toEqual({ region: 'POL', pue: 1.3, embodied })
  expect(mergedContext(stored, { zone: 'DE', region: 'DEU' })).toMatchObject({ zone: 'DE', region: 'DEU' })
  const tariff = { per_kwh: 1, currency: 'EUR' }
  expect(mergedContext(stored, { tariff })).toEqual({ ...stored, tariff })
  expect(mergedContext(stored, { grid_g_per_kwh: 9 })).toMatchObject({ cloud: 'aws:eu-north-1', grid_g_per_kwh: 9 })
})
