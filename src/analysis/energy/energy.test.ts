import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Channel } from '../../run/channel.ts'
import type { Manifest } from '../../run/manifest.ts'
import type { Measured } from '../../run/ports.ts'
import { allocateSamples } from '../../run/table.ts'
import { analyseEnergy } from './energy.ts'

const channel = (rest: Partial<Channel> & Pick<Channel, 'id' | 'scope'>): Channel => ({
  sensor: 'test',
  quantity: 'energy',
  unit: 'J',
  kind: 'counter',
  grade: 'B',
  ...rest,
})

/** Readings of `value(seconds)` every 100 ms from 0 to 10 s. */
function measured(channels: readonly Channel[], value: (channel: number, s: number) => number): Measured {
  const chunk = allocateSamples(101 * channels.length)
  let at = 0
  for (let i = 0; i <= 100; i++) {
    channels.forEach((_, c) => {
      chunk.channel[at] = c
      chunk.t[at] = i * 1e8
      chunk.value[at++] = value(c, i / 10)
    })
  }
  const manifest = { channels, unmeasured: [] } as unknown as Manifest
  return { manifest, requests: [], batches: [], samples: [chunk], events: [] }
}

const window = { from: 1e9, to: 9e9, inferences: 80, flopsPerInference: 1e9 }

test('a counter at 50 W gives 50 W, 400 J and 5 J an inference, whatever the window’s phase', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 2, noNaN: true }), fc.double({ min: 6, max: 10, noNaN: true }), (from, to) => {
      const run = measured([channel({ id: 'p', scope: 'package' })], (_, s) => 50 * s)
      const { power, energy } = analyseEnergy(run, { ...window, from: from * 1e9, to: to * 1e9 })
      expect(power.cpu_w!.value).toBeCloseTo(50, 6)
      expect(energy.per_inference_j!.value).toBeCloseTo((50 * (to - from)) / 80, 6)
      expect(power.cpu_w!.low).toBeLessThanOrEqual(50)
      expect(power.cpu_w!.high).toBeGreaterThanOrEqual(50 - 1e-9)
    }),
  )
})

test('nothing is counted twice: psys holds the package, the package its cores', () => {
  const run = measured(
    [
      channel({ id: 'psys', scope: 'psys' }),
      channel({ id: 'p', scope: 'package', parent: 'psys' }),
      channel({ id: 'c', scope: 'core', parent: 'p' }),
      channel({ id: 'd', scope: 'dram' }),
    ],
    (c, s) => [100, 60, 40, 10][c]! * s,
  )
  const { power, energy } = analyseEnergy(run, window)
  expect(power.system_w!.value).toBeCloseTo(100, 6)
  expect(power.cpu_w!.value).toBeCloseTo(70, 6)
  expect(energy.total_j!.value).toBeCloseTo(800, 6)
})

test('a counter goes before the power of the same device', () => {
  const run = measured(
    [
      channel({ id: 'e', scope: 'gpu', device: 'a' }),
      channel({ id: 'w', scope: 'gpu', device: 'a', quantity: 'power', unit: 'W', kind: 'gauge', grade: 'C' }),
      channel({ id: 'v', scope: 'gpu', device: 'b', quantity: 'power', unit: 'W', kind: 'gauge', grade: 'C' }),
    ],
    (c, s) => (c === 0 ? 300 * s : 200),
  )
  const { power } = analyseEnergy(run, window)
  expect(power.gpu_w!.value).toBeCloseTo(500, 6)
  expect(power.gpu_w!.grade).toBe('C')
})

test('an estimate is a range without a value, and joins no total', () => {
  const model = [
    channel({ id: 'l', scope: 'package', bound: 'low', grade: 'D' }),
    channel({ id: 'h', scope: 'package', bound: 'high', grade: 'D' }),
  ]
  const alone = analyseEnergy(
    measured(model, (c, s) => [2, 20][c]! * s),
    window,
  )
  expect(alone.power.cpu_w).toMatchObject({ value: null, grade: 'D' })
  expect(alone.power.cpu_w!.low).toBeCloseTo(2, 6)
  expect(alone.power.cpu_w!.high).toBeCloseTo(20, 6)
  const gpu = channel({ id: 'g', scope: 'gpu', device: 'a' })
  const both = analyseEnergy(
    measured([...model, gpu], (c, s) => [2, 20, 300][c]! * s),
    window,
  )
  expect(both.energy.total_j).toMatchObject({ grade: 'B', scope: 'gpu' })
})

test('what was not measured is null with a reason, never zero; so is a counter that stands still', () => {
  const still = analyseEnergy(
    measured([channel({ id: 'p', scope: 'psys' })], () => 0),
    window,
  )
  expect(still.power).toEqual({ system_w: null, cpu_w: null, gpu_w: null })
  expect(still.unmeasured.map((row) => row.what)).toEqual(
    expect.arrayContaining(['system_w', 'cpu_w', 'gpu_w', 'carbon_g']),
  )
})

test('a gap widens the interval and is told', () => {
  const run = measured([channel({ id: 'p', scope: 'package' })], (_, s) => (s > 3 && s < 5 ? Number.NaN : 50 * s))
  const { cpu_w: figure } = analyseEnergy(run, window).power
  expect(figure!.value).toBeCloseTo(50, 4)
  expect(figure!.high! - figure!.low!).toBeGreaterThan(20)
  expect(figure!.caution).toMatch(/cover/)
})
