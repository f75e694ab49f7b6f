import { expect, test } from 'vitest'
import { energyDelayProduct, modelFlopsUtilisation } from './efficiency.ts'

const peak = { flops_per_s: 989e12, origin: 'table' } as const

test('MFU is achieved over peak and names the peak; unknown FLOPs or peak give none', () => {
  expect(modelFlopsUtilisation(8.178e9, 10_000, peak)).toEqual({
    mfu: 8.178e13 / 989e12,
    achieved_flops_per_s: 8.178e13,
    peak,
  })
  expect(modelFlopsUtilisation(null, 10, peak)).toBeUndefined()
  expect(modelFlopsUtilisation(1e9, 10, undefined)).toBeUndefined()
})

test('the energy-delay product keeps an estimate a range', () => {
  const figure = energyDelayProduct({ value: null, low: 2, high: 20, n: 3, unit: 'J', grade: 'D' }, 0.5)
  expect(figure).toMatchObject({ value: null, low: 1, high: 10, unit: 'J·s', grade: 'D' })
})
