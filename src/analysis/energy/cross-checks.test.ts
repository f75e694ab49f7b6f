import { expect, test } from 'vitest'
import { analysed } from '../../../test/fixtures/drawn-power.ts'

test('an external meter is the system’s power, grade A; what it shows beyond the devices is unaccounted, not wrong', () => {
  const { power, energy } = analysed(`
    meter  wall               W  238  grade=A systematic=0.01
    p      package/package-0  J  60
    g      gpu/a              J  140
  `)
  expect(power.system_w).toMatchObject({ grade: 'A', scope: 'wall' })
  expect(power.system_w!.value).toBeCloseTo(238, 6)
  expect(power.system_w!.systematic).toBeCloseTo(2.38, 6)
  const { low, high, value, statistical, systematic } = energy.total_j!
  expect(high! - low!).toBeCloseTo(2 * (statistical! + systematic!), 6)
  expect((high! - low!) / value!).toBeLessThan(0.05)
  expect(energy.checks).toEqual([
    expect.objectContaining({ kind: 'within', what: ['p', 'g'], against: ['meter'], agrees: true }),
  ])
  expect(energy.checks![0]!.residual_w).toBeCloseTo(38, 3)
})

test('a part that shows more than the whole it lies in is a disagreement', () => {
  const [check] = analysed(`
    psys  psys     J  50
    p     package  J  60  parent=psys
  `).energy.checks!
  expect(check).toMatchObject({ kind: 'within', what: ['p'], against: ['psys'], agrees: false })
  expect(check!.residual_w).toBeCloseTo(-10, 3)
})

test('a second reading of the same joules is compared and never added; so is another sensor of the same packages', () => {
  const { power, energy } = analysed(`
    rapl/pmu       package/package-0  J  60
    rapl/powercap  package/package-0  J  60.1  check=true
    hwmon/power    package/socket0    W  60
  `)
  expect(power.cpu_w!.value).toBeCloseTo(60, 6)
  expect(energy.checks!.map((check) => [check.what, check.against, check.agrees])).toEqual([
    [['rapl/powercap'], ['rapl/pmu'], true],
  ])
})

test('AMD’s registers through hwmon beside RAPL are the same joules', () => {
  const { power, energy } = analysed(`
    rapl/package-0   package/package-0  J  90
    hwmon/package-0  package/package-0  J  90.02
  `)
  expect(power.cpu_w!.value).toBeCloseTo(90, 6)
  expect(energy.checks).toEqual([expect.objectContaining({ kind: 'same', what: ['hwmon/package-0'], agrees: true })])
})
