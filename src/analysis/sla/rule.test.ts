import { expect, test } from 'vitest'
import { TailwattError } from '../../base/errors.ts'
import { parseRule } from './rule.ts'

const limitOf = (text: string): readonly [number, string] => {
  const { limit, unit } = parseRule(text)
  return [limit, unit]
}
const refused = (text: string): string => {
  try {
    parseRule(text)
    return 'taken'
  } catch (error) {
    return error instanceof TailwattError ? String(error.data['message']) : 'another error'
  }
}

test('limits of energy, carbon and efficiency take the prefixes in which such figures come', () => {
  expect(limitOf('energy_per_inference<300mJ')).toEqual([0.3, 'J'])
  expect(limitOf('carbon_per_inference<=5µg')[0]).toBeCloseTo(5e-6, 18)
  expect(limitOf('sci<12ug')[0]).toBeCloseTo(12e-6, 18)
  expect(limitOf('edp<2.5mJ·s')[0]).toBeCloseTo(2.5e-3, 15)
  expect(limitOf('edp<3Js')).toEqual([3, 'J·s'])
  expect(limitOf('flops_per_s>40GFLOP/s')).toEqual([40e9, 'FLOP/s'])
  expect(limitOf('inferences_per_watt>20/J')).toEqual([20, '1/J'])
})

test('money comes with its currency on either side, or without; its unit is the currency', () => {
  expect(limitOf('cost_per_inference<0.002EUR')).toEqual([0.002, 'EUR'])
  expect(limitOf('cost_per_million<€5')).toEqual([5, '€'])
  expect(limitOf('cost_per_inference < 2e-6')).toEqual([2e-6, ''])
  for (const text of ['cost_per_inference<-1EUR', 'cost_per_inference<€1EUR', 'cost_per_inference<free'])
    expect(refused(text), text).toMatch(/of money, such as/)
})

test('a wrong unit is refused with the right one', () => {
  expect(refused('sci<5J')).toMatch(/in grams/)
  expect(refused('edp<5J')).toMatch(/in joule-seconds/)
  expect(refused('flops_per_s>40G')).toMatch(/40GFLOP\/s/)
})
