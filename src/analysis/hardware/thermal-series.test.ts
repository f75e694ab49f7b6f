import { expect, test } from 'vitest'
import { energyRun } from '../../../test/fixtures/energy-run.mjs'
import type { Measured } from '../../run/source.ts'
import { analyse } from '../analyse.ts'
import { thermalSeries } from './thermal-series.ts'

const courseOf = (measured: Measured) => thermalSeries(measured, analyse(measured))!
const server = energyRun('server')

test('seconds in which a device was held back are joined, reason by reason, and agree with the share of the window', () => {
  const { throttled } = courseOf(server)
  const document = analyse(server)
  expect(throttled.map(({ reason }) => reason)).toEqual(['thermal', 'power'])
  const [thermal, power] = throttled
  // Heat from 18 s on, a power limit from 9 to 18 s: one stretch each.
  expect(thermal!.seconds).toHaveLength(1)
  expect(thermal!.seconds[0]![0]).toBeCloseTo(18, 0)
  expect(power!.seconds[0]![0]).toBeCloseTo(9, 0)
  const total = throttled.flatMap(({ seconds }) => seconds).reduce((sum, [from, to]) => sum + to - from, 0)
  expect(total).toBeCloseTo(document.thermal!.coincidence!.throttled_s, 6)
})

test('temperatures and clocks come in order of time within the load, the service time second by second', () => {
  const { temperatures, clocks, service, to } = courseOf(server)
  expect(to).toBeCloseTo(30, 6)
  for (const { at, channel } of [...temperatures, ...clocks]) {
    expect(at.length, channel.id).toBeLessThanOrEqual(302)
    expect(at.every(([t]) => t >= 0 && t <= 30)).toBe(true)
    expect(at.every(([t], i) => i === 0 || t >= at[i - 1]![0])).toBe(true)
  }
  expect(service).toHaveLength(29)
  expect(service[5]!.ms).toBeCloseTo(5.5, 0)
  expect(service[25]!.ms).toBeGreaterThan(service[5]!.ms + 2)
})

test('a temperature that was away for a while breaks its line', () => {
  const hot = server.manifest.channels.findIndex(({ quantity }) => quantity === 'temperature')
  const [chunk] = server.samples
  const away = { ...chunk!, value: chunk!.value.slice() }
  const zero = server.manifest.recordings[0]!.from
  for (let i = 0; i < away.length; i++)
    if (away.channel[i] === hot && away.t[i]! > zero + 5e9 && away.t[i]! < zero + 10e9) away.value[i] = Number.NaN
  const { temperatures } = courseOf({ ...server, samples: [away] })
  expect(temperatures[0]!.at.filter(([, value]) => value === undefined)).toHaveLength(1)
  expect(temperatures[1]!.at.every(([, value]) => value !== undefined)).toBe(true)
})

test('without heat, clocks and throttling there is none', () => {
  const laptop = energyRun('laptop')
  expect(thermalSeries(laptop, analyse(laptop))).toBeUndefined()
})
