import { expect, test } from 'vitest'
import { TailwattError } from '../base/errors.ts'
import { energyContextOf, type EnergyOptions } from './energy-context.ts'

const refused = (options: EnergyOptions): string => {
  try {
    energyContextOf(options, 'run')
    return 'taken'
  } catch (error) {
    return error instanceof TailwattError && error.code === 'usage' ? String(error.data['message']) : 'another error'
  }
}

test('texts become the context that a run keeps', () => {
  expect(energyContextOf({}, 'run')).toEqual({})
  expect(energyContextOf({ region: 'aws:eu-north-1', tariff: '95€/MWh', embodied: '1t/4y/10%' }, 'run')).toEqual({
    region: 'SWE',
    cloud: 'aws:eu-north-1',
    tariff: { per_kwh: 0.095, currency: '€' },
    embodied: { total_g: 1e6, lifespan_s: 4 * 365 * 86_400, share: 0.1 },
  })
  expect(energyContextOf({ region: 'eastus', pue: 1.3 }, 'run')).toEqual({
    region: 'USA',
    cloud: 'azure:eastus',
    pue: 1.3,
  })
  expect(energyContextOf({ region: 'em:no-no1' }, 'run')).toEqual({ region: 'NOR', zone: 'NO-NO1' })
})

test('what cannot be meant says what can', () => {
  expect(refused({ region: 'Germny' })).toMatch(/no region Germny; near it: DEU \(Germany\)/)
  expect(refused({ region: ' ' })).toMatch(/needs a name, such as DE/)
  expect(refused({ region: 'em:' })).toMatch(/no zone of Electricity Maps.*em:DE/)
  expect(refused({ region: 'em:XX_Y' })).toMatch(/em:XX_Y is no zone/)
  expect(refused({ tariff: '' })).toMatch(/^'' is no tariff/)
  expect(refused({ tariff: '30 cents' })).toMatch(/no tariff.*0\.30EUR\/kWh/)
  expect(refused({ embodied: '1200' })).toMatch(/no embodied emissions.*1200kg\/4y/)
  expect(refused({ pue: 0.9 })).toMatch(/from 1 to 10/)
  expect(refused({ gridIntensity: Number.NaN })).toMatch(/0 to 3000/)
})
