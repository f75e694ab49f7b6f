import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RunDocument } from '../run/document.ts'
import type { Figure } from '../run/figure.ts'
import { parseRunDocument } from '../run/schema.ts'
import { upgradeDocument } from '../run/upgrade.ts'
import { withContext } from './reanalysis.ts'

/** A run that version 1 stored: before there were tariffs and the like. */
const old = parseRunDocument(
  upgradeDocument(
    JSON.parse(readFileSync(join(import.meta.dirname, '../../test/fixtures/runs/v1/run.json'), 'utf8')),
    'v1',
  ),
)
const inferences = Object.entries(old.batches.size_distribution).reduce((sum, [size, n]) => sum + Number(size) * n, 0)
const joules: Figure = { value: 7200, low: 7000, high: 7400, n: 9, unit: 'J', grade: 'B', scope: 'package' }
const measured: RunDocument = {
  ...old,
  energy: { ...old.energy, total_j: joules, per_inference_j: { ...joules, value: 7200 / inferences } },
  unmeasured: [],
}
const tariff = { per_kwh: 0.5, currency: 'EUR' }

test('a run of the first version is reckoned for a region, a tariff and embodied emissions, from its document alone', () => {
  const embodied = { total_g: 1e6, lifespan_s: 1e6, share: 0.5 }
  const { energy, throughput } = withContext(measured, { region: 'POL', tariff, embodied })
  expect(energy.carbon_g!.value).toBeCloseTo(0.002 * 614.98, 12)
  expect(energy.cost!.per_inference!.value).toBeCloseTo((0.002 * 0.5) / inferences, 15)
  expect(energy.sci!.units).toBe(inferences)
  expect(energy.sci!.reserved_s * throughput.inferences_per_s.value!).toBeCloseTo(inferences, 9)
  expect(energy.sci!.embodied_g).toBeCloseTo(energy.sci!.reserved_s * 0.5, 9)
})

test('what rests on nothing that was given stays the very same', () => {
  const again = withContext(measured, { region: 'POL' })
  const { energy, energy_context: _, unmeasured: __, sla: ___, ...rest } = again
  const { energy: before, energy_context: _1, unmeasured: __1, sla: ___1, ...restBefore } = measured
  expect(rest).toEqual(restBefore)
  expect(energy.total_j).toBe(before.total_j)
  expect(parseRunDocument(JSON.parse(JSON.stringify(again)))).toMatchObject({ energy_context: { region: 'POL' } })
})

test('rules about grams and money are judged again, the others are as they were judged', () => {
  const sla: RunDocument['sla'] = [
    { rule: 'p99<1ns', metric: 'p99', value: 5, low: 5, high: 5, limit: 1e-6, unit: 'ms', verdict: 'pass' },
    { rule: 'carbon<1g', metric: 'carbon', value: 0.1, low: 0, high: 1, limit: 1, unit: 'g', verdict: 'pass' },
    {
      rule: 'cost_per_inference<1EUR',
      metric: 'cost_per_inference',
      value: null,
      low: null,
      high: null,
      limit: 1,
      unit: 'EUR',
      verdict: 'unsure',
    },
  ]
  const judged = (context: Parameters<typeof withContext>[1]) => withContext({ ...measured, sla }, context).sla
  expect(judged({ region: 'POL', tariff }).map(({ verdict }) => verdict)).toEqual(['pass', 'fail', 'pass'])
  expect(judged({ region: 'NOR' })[1]).toMatchObject({ verdict: 'pass' })
  expect(judged({ region: 'NOR' })[2]).toMatchObject({ verdict: 'unsure', reason: expect.stringContaining('--tariff') })
  expect(judged({ tariff: { per_kwh: 1, currency: 'USD' } })[2]).toMatchObject({
    verdict: 'unsure',
    unit: 'USD',
    reason: 'the rule is in EUR, the tariff in USD',
  })
})

test('rows of what is missing follow the new context', () => {
  const without: RunDocument = {
    ...measured,
    energy: { ...measured.energy, total_j: null, per_inference_j: null },
    energy_context: { region: 'DEU', zone: 'DE' },
    unmeasured: [{ what: 'grid_intensity', reason: 'electricity-maps: no key', remedy: 'set it' }],
  }
  const what = (document: RunDocument): readonly string[] => document.unmeasured.map((row) => row.what)
  expect(what(withContext(without, { tariff }))).toEqual(['grid_intensity', 'carbon_g', 'cost'])
  expect(what(withContext(without, { region: 'NOR' }))).toEqual(['carbon_g'])
  expect(withContext(without, { tariff }).energy).toMatchObject({ cost: null, carbon_g: null, sci: null })
})
