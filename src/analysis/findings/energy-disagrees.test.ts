import { expect, test } from 'vitest'
import type { RunDocument } from '../../run/document.ts'
import type { EnergyCheck } from '../../run/sections/energy.ts'
import { energyDisagrees } from './energy-disagrees.ts'
import type { FindingInput } from './finding.ts'

const check = (agrees: boolean | null, residual: number): EnergyCheck => ({
  kind: 'within',
  what: ['rapl/package-0/energy'],
  against: ['rapl/psys/energy'],
  joules: { value: 600, low: 590, high: 610, n: 80 },
  against_joules: { value: 600 + residual, low: 0, high: 0, n: 80 },
  residual_j: residual,
  residual_w: residual / 10,
  agrees,
})
const find = (checks: readonly EnergyCheck[]) =>
  energyDisagrees.find({ document: { energy: { checks } } as unknown as RunDocument } as unknown as FindingInput)

test('a contradiction is told with its residual', () => {
  expect(find([check(true, 380), check(false, -100)])).toMatchObject({
    severity: 'warn',
    title: 'rapl/package-0/energy shows 10.0 W (100 J) more than rapl/psys/energy, in which it lies',
  })
})

test('a residual within the intervals, and one that is not known, are no finding', () => {
  expect(find([check(true, 380), check(null, 0)])).toBeUndefined()
  expect(find([])).toBeUndefined()
})
