import { expect, test } from 'vitest'
import { parseEmbodied } from './embodied.ts'
import { parseTariff } from './tariff.ts'

test('a tariff is an amount a kWh or MWh, with the currency as it is written', () => {
  expect(parseTariff('0.30/kWh')).toEqual({ per_kwh: 0.3, currency: '' })
  expect(parseTariff('0.30EUR/kWh')).toEqual({ per_kwh: 0.3, currency: 'EUR' })
  expect(parseTariff(' $0.12 / kWh')).toEqual({ per_kwh: 0.12, currency: '$' })
  expect(parseTariff('95 €/MWh')).toEqual({ per_kwh: 0.095, currency: '€' })
  expect(parseTariff('0/kWh')).toEqual({ per_kwh: 0, currency: '' })
})

test('what is no tariff is refused', () => {
  for (const text of [
    '',
    '0.30',
    '0.30EUR',
    '-0.1/kWh',
    'EUR/kWh',
    '€0.3EUR/kWh',
    '0.3/kW',
    '0,30/kWh',
    'NaN/kWh',
    '1e9/kWh',
  ])
    expect(parseTariff(text), text).toBeUndefined()
})

test('embodied emissions are a mass over a life, of the whole or a share', () => {
  expect(parseEmbodied('1200kg/4y')).toEqual({ total_g: 1.2e6, lifespan_s: 4 * 365 * 86_400, share: 1 })
  expect(parseEmbodied('1.2 t / 4 y')).toEqual(parseEmbodied('1200kg/4y'))
  expect(parseEmbodied('164 kgCO2e/3y/25%')).toEqual({ total_g: 164e3, lifespan_s: 3 * 365 * 86_400, share: 0.25 })
  expect(parseEmbodied('164kg/3y/0.25')).toEqual(parseEmbodied('164kg/3y/25%'))
})

test('what are no embodied emissions is refused', () => {
  for (const text of [
    '',
    '1200',
    '1200kg',
    '1200/4y',
    '1200kg/4',
    '1200kg/0y',
    '1200kg/4y/0',
    '1200kg/4y/1.5',
    '-5kg/4y',
  ])
    expect(parseEmbodied(text), text).toBeUndefined()
})
