import { expect, test } from 'vitest'
import type { RunDocument } from '../run/document.ts'
import type { Figure } from '../run/figure.ts'
import { impactOf, type ImpactInput } from '../analysis/impact/impact.ts'
import { energyLines } from './energy-lines.ts'

const total: Figure = { value: 7200, low: 7128, high: 7272, n: 9, unit: 'J', grade: 'B', scope: 'package' }
const perInference: Figure = { ...total, value: 7.2, low: 7.128, high: 7.272 }
const input: ImpactInput = { total, perInference, inferences: 1000, seconds: 60, service_s: 0.5, live: undefined }

function linesOf(context: Parameters<typeof impactOf>[1], changed: Partial<ImpactInput> = {}): Record<string, string> {
  const all = { ...input, ...changed }
  const energy = {
    total_j: all.total,
    per_inference_j: all.perInference,
    checks: [],
    ...impactOf(all, context),
  }
  const power = { system_w: null, cpu_w: { ...total, unit: 'W', value: 120, low: 119, high: 121 }, gpu_w: null }
  const document = { power, energy, unmeasured: [] } as unknown as RunDocument
  const found: Record<string, string> = {}
  energyLines(document, (name, text) => {
    found[name] = text
    return [text]
  })
  return found
}

test('cost and SCI are told only when they were asked for', () => {
  expect(Object.keys(linesOf({ region: 'NOR' }))).toEqual(['Power', 'Energy', 'Carbon', 'EDP'])
  const asked = linesOf({
    region: 'NOR',
    tariff: { per_kwh: 0.3, currency: 'EUR' },
    embodied: { total_g: 1.0003e6, lifespan_s: 1e8, share: 1 },
  })
  expect(asked['Cost']).toBe('0.600 EUR ±1.0 % (grade B) per million inferences (0.300 EUR/kWh)')
  expect(asked['SCI']).toBe('662 µg ±0.093 % (grade B) per inference: 91 % of it embodied')
  expect(asked['EDP']).toBe('3.60 J·s ±1.0 % (grade B): energy × mean service time')
})

test('a cloud region tells its country, and whose PUE it is', () => {
  expect(linesOf({ region: 'SWE', cloud: 'aws:eu-north-1' })['Carbon']).toContain(
    '(aws:eu-north-1 in SWE 2024: 35.9 g/kWh, lifecycle, production, PUE 1.14 of AWS’s data centres 2025)',
  )
  expect(linesOf({ region: 'SWE', cloud: 'aws:eu-north-1', pue: 1.3 })['Carbon']).toContain('production, PUE 1.30)')
})

test('a live grid is told as such', () => {
  const live = {
    zone: 'DE',
    g_per_kwh: 302,
    low: 302,
    high: 302,
    readings: 1,
    coverage: 1,
    estimated: true,
    year: 2026,
  }
  expect(linesOf({ zone: 'DE' }, { live })['Carbon']).toContain(
    '(DE now: 302 g/kWh, lifecycle, consumption, estimated)',
  )
})

test('an estimate has no energy-delay product to tell; its cost is a range', () => {
  const estimate: Figure = { value: null, low: 100, high: 900, n: 3, unit: 'J', grade: 'D' }
  const told = linesOf({ tariff: { per_kwh: 36, currency: '' } }, { total: estimate, perInference: estimate })
  expect(told['EDP']).toBeUndefined()
  expect(told['Cost']).toBe('1.00 … 9.00 (estimate, grade D) per million inferences (36.0/kWh)')
})
