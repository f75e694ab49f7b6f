import { expect, test } from 'vitest'
import { Random } from '../../base/random.ts'
import type { FindingInput } from './finding.ts'
import { sensorAliasing } from './sensor-aliasing.ts'

/** Answers at gaps in ms, and one GPU power channel. */
const input = (
  gap: (i: number) => number,
  sensor: { readonly period_ms: number | null; readonly window_ms: number | null; readonly poll_ms?: number },
): FindingInput => {
  const at: number[] = []
  let ms = 0
  for (let i = 0; i < 400; i++) at.push((ms += gap(i)) * 1e6)
  return {
    document: {
      energy: { parts: [{ channel: 'nvml/gpu/power' }] },
      sensors: [{ channel: 'nvml/gpu/power', ...sensor }],
      channels: [{ id: 'nvml/gpu/power', quantity: 'power', period_ms: 100 }],
    },
    series: { response: { at: Float64Array.from(at) } },
  } as unknown as FindingInput
}
const h100 = { period_ms: 100, window_ms: 25 }

test('a regular load before a sensor that sees a quarter of the time is told, also where the period is only declared', () => {
  expect(sensorAliasing.find(input(() => 20, h100))).toMatchObject({
    severity: 'warn',
    // 3/4 of the time unseen: (1.96/0.05)² · 3/4 samples of a sensor's period each.
    advice: expect.stringContaining('--arrivals poisson --requests 5763'),
    evidence: { repeat_ms: 20, period_ms: 100, window_ms: 25, requests_at_random: 5763 },
  })
  expect(sensorAliasing.find(input((i) => 50 + 0.5 * (i % 2), { ...h100, period_ms: null }))?.title).toMatch(
    /sees 25.* of every 100.* ms, and the load repeats every 50/,
  )
})

test('a quick sensor that is read seldom sees a part of the time as well', () => {
  const v100 = { period_ms: 20, window_ms: 10 }
  expect(sensorAliasing.find(input(() => 50, { ...v100, poll_ms: 100 }))?.evidence).toMatchObject({ period_ms: 100 })
  expect(sensorAliasing.find(input(() => 50, { ...v100, poll_ms: 10 }))).toBeUndefined()
})

test('random arrivals, repeats that the window averages over, and long ones whose changes show are no finding', () => {
  const random = new Random(5)
  expect(sensorAliasing.find(input(() => -20 * Math.log(1 - random.uniform()), h100))).toBeUndefined()
  expect(sensorAliasing.find(input(() => 5, h100))).toBeUndefined()
  expect(sensorAliasing.find(input(() => 200, h100))).toBeUndefined()
})

test('a sensor that sees all of the time, and one of unknown window, are no finding', () => {
  expect(sensorAliasing.find(input(() => 20, { period_ms: 100, window_ms: 100 }))).toBeUndefined()
  expect(sensorAliasing.find(input(() => 20, { period_ms: 100, window_ms: null }))).toBeUndefined()
})
