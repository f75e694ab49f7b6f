import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Manifest } from '../../run/manifest.ts'
import type { Measured } from '../../run/source.ts'
import { noRows, allocateSamples } from '../../run/table.ts'
import { liveIntensity } from './live-intensity.ts'

type Reading = readonly [minute: number, value: number]

function measured(readings: readonly Reading[], flags: readonly Reading[] = []): Measured {
  const chunk = allocateSamples(readings.length + flags.length)
  ;[...readings.map((row) => [0, ...row] as const), ...flags.map((row) => [1, ...row] as const)].forEach(
    ([channel, minute, value], i) => {
      chunk.channel[i] = channel
      chunk.t[i] = minute * 60e9
      chunk.value[i] = value
    },
  )
  const channel = { sensor: 'electricity-maps', quantity: 'intensity', kind: 'gauge', scope: 'zone', device: 'DE' }
  const channels = [
    { ...channel, id: 'a', unit: 'g/kWh' },
    { ...channel, id: 'b', unit: '1' },
  ]
  const manifest = { channels, started_at: '2026-11-27T07:00:00Z' } as unknown as Manifest
  return { manifest, ...noRows(), samples: [chunk], events: [] }
}
const minutes = (from: number, to: number) => ({ from: from * 60e9, to: to * 60e9 })

test('each reading weighs what time of the window it stood: 10 of 40 minutes at 400, 30 at 200', () => {
  const run = measured([
    [0, 400],
    [20, 200],
    [45, 999],
  ])
  expect(liveIntensity(run, minutes(10, 50))).toMatchObject({
    readings: 3,
    low: 200,
    high: 999,
    year: 2026,
    zone: 'DE',
  })
  const mean = liveIntensity(run, minutes(10, 44))!
  expect(mean.g_per_kwh).toBeCloseTo((10 * 400 + 24 * 200) / 34, 9)
  expect(mean).toMatchObject({ readings: 2, coverage: 1, estimated: null })
})

test('a source that fell silent stands for an hour and no longer', () => {
  const run = measured([[0, 300]])
  expect(liveIntensity(run, minutes(0, 120))).toMatchObject({ g_per_kwh: 300, coverage: 0.5 })
  expect(liveIntensity(run, minutes(61, 120))).toBeUndefined()
  expect(liveIntensity(run, minutes(-30, 0))).toMatchObject({ g_per_kwh: 300, coverage: 1 })
})

test('a reading that is no number is none; without readings there is nothing', () => {
  expect(
    liveIntensity(
      measured([
        [0, Number.NaN],
        [5, 100],
      ]),
      minutes(0, 10),
    ),
  ).toMatchObject({ g_per_kwh: 100 })
  expect(liveIntensity(measured([[0, Number.NaN]]), minutes(0, 10))).toBeUndefined()
  expect(liveIntensity(measured([]), minutes(0, 10))).toBeUndefined()
  expect(liveIntensity(measured([[0, 100]]), minutes(0, 0))).toBeUndefined()
})

test('one estimated reading within the window makes it estimated', () => {
  const flags: Reading[] = [
    [0, 0],
    [20, 1],
  ]
  expect(liveIntensity(measured([[0, 100]], flags), minutes(0, 10))!.estimated).toBe(false)
  expect(liveIntensity(measured([[0, 100]], flags), minutes(0, 30))!.estimated).toBe(true)
})

test('whatever the readings and the window, the mean lies between the least and the greatest', () => {
  const reading = fc.tuple(fc.double({ min: 0, max: 300, noNaN: true }), fc.double({ min: 1, max: 1400, noNaN: true }))
  fc.assert(
    fc.property(fc.array(reading, { maxLength: 20 }), fc.double({ min: 0, max: 300, noNaN: true }), (rows, from) => {
      const sorted = rows.toSorted((a, b) => a[0] - b[0])
      const found = liveIntensity(measured(sorted), minutes(from, from + 60))
      if (!found) return
      expect(found.g_per_kwh).toBeGreaterThanOrEqual(found.low * (1 - 1e-12))
      expect(found.g_per_kwh).toBeLessThanOrEqual(found.high * (1 + 1e-12))
      expect(found.coverage).toBeLessThanOrEqual(1 + 1e-12)
    }),
  )
})
