import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ChannelSeries } from '../channels/channel-series.ts'
import { counterEnergy } from './counter-energy.ts'

const series = (t: readonly number[], value: readonly number[]): ChannelSeries => ({
  channel: { id: 'c', sensor: 's', quantity: 'energy', unit: 'J', kind: 'counter', scope: 'package' },
  t: Float64Array.from(t),
  value: Float64Array.from(value),
})
const timing = { period: 1e8, window: 0, gaps: [] }

/** A counter of any power: published every `period` with `unit` steps, read at any times. */
const feasible = fc
  .record({
    watts: fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 30, maxLength: 120 }),
    period: fc.integer({ min: 1, max: 200 }),
    phase: fc.double({ min: 0, max: 1, noNaN: true }),
    gaps: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 20, maxLength: 200 }),
    edges: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
  })
  .map(({ watts, period, phase, gaps, edges }) => {
    // Power changes every 37 ms, which divides nothing here.
    const energy = (ms: number): number => {
      const whole = Math.floor(ms / 37)
      let joules = 0
      for (let k = 0; k < whole; k++) joules += (watts[k % watts.length]! * 37) / 1e3
      return joules + (watts[whole % watts.length]! * (ms - whole * 37)) / 1e3
    }
    const unit = 61e-6
    const times: number[] = []
    let at = 300
    for (const gap of gaps) times.push((at += gap))
    const publishedAt = (ms: number): number => (Math.floor(ms / period - phase) + phase) * period
    const values = times.map((ms) => Math.floor(energy(publishedAt(ms)) / unit) * unit)
    return {
      energy,
      unit,
      period,
      series: series(
        times.map((ms) => ms * 1e6),
        values,
      ),
      times,
      edges,
    }
  })

test('whatever the power, the schedule of readings and the window: the truth lies within the bounds', () => {
  let tried = 0
  let bounded = 0
  fc.assert(
    fc.property(feasible, ({ energy, unit, period, series: readings, times, edges }) => {
      // A window with a period and a reading to spare on either side.
      const first = times[1]! + 2 * period
      const last = times.at(-2)! - 2 * period
      if (last - first < 1) return
      const [a, b] = [...edges].sort((x, y) => x - y) as [number, number]
      const from = first + a * (last - first)
      const to = first + b * (last - first)
      if (to - from < 1) return
      const amount = counterEnergy(readings, { from: from * 1e6, to: to * 1e6 }, { ...timing, period: period * 1e6 })
      if (!amount) return
      const truth = energy(to) - energy(from)
      expect(amount.bounds[0] - unit).toBeLessThanOrEqual(truth)
      expect(amount.bounds[1] + unit).toBeGreaterThanOrEqual(truth)
      expect(amount.joules).toBeGreaterThanOrEqual(amount.bounds[0] - 1e-9)
      expect(amount.joules).toBeLessThanOrEqual(amount.bounds[1] + 1e-9)
      bounded += Number(Number.isFinite(amount.bounds[1]))
      tried++
    }),
    { numRuns: 1000 },
  )
  // Enough of them are bounded above: the test tests something.
  expect(bounded / tried).toBeGreaterThan(0.2)
})

test('windows that follow each other add up to the window that holds them', () => {
  fc.assert(
    fc.property(feasible, ({ period, series: readings, times, edges }) => {
      const ends = [
        times[0]!,
        ...[...edges].sort((x, y) => x - y).map((e) => times[0]! + e * (times.at(-1)! - times[0]!)),
        times.at(-1)!,
      ]
      const joules = (from: number, to: number): number =>
        to > from
          ? (counterEnergy(readings, { from: from * 1e6, to: to * 1e6 }, { ...timing, period: period * 1e6 })?.joules ??
            0)
          : 0
      const parts = joules(ends[0]!, ends[1]!) + joules(ends[1]!, ends[2]!) + joules(ends[2]!, ends[3]!)
      const whole = joules(ends[0]!, ends[3]!)
      expect(Math.abs(parts - whole)).toBeLessThan(1e-9 * Math.max(1, whole))
    }),
  )
})

test('a counter that repeats itself is interpolated between its changes, not between readings', () => {
  // 100 W, updated each 100 ms at …50, read each 10 ms: a step between readings would be 1000 W or nothing.
  const t: number[] = []
  const value: number[] = []
  for (let ms = 0; ms <= 2000; ms += 10) {
    t.push(ms * 1e6)
    value.push(Math.floor((ms + 50) / 100) * 10)
  }
  const amount = counterEnergy(series(t, value), { from: 520e6, to: 1270e6 }, timing)!
  expect(amount.joules).toBeCloseTo(75, 6)
  expect(amount.error).toBeLessThan(5)
})

test('a fall, a NaN and a suspend are unknown, and what is known on either side stays', () => {
  const t = Array.from({ length: 101 }, (_, i) => i * 1e8)
  const ramp = t.map((at) => (50 * at) / 1e9)
  const window = { from: 1e9, to: 9e9 }
  const whole = counterEnergy(series(t, ramp), window, timing)!
  expect(whole.coverage).toBe(1)
  const reset = counterEnergy(
    series(
      t,
      ramp.map((v, i) => (i > 50 ? v - 250 : v)),
    ),
    window,
    timing,
  )!
  const lost = counterEnergy(
    series(
      t,
      ramp.map((v, i) => (i === 50 ? Number.NaN : v)),
    ),
    window,
    timing,
  )!
  const suspended = counterEnergy(series(t, ramp), window, { ...timing, gaps: [{ from: 4e9, to: 5e9 }] })!
  for (const amount of [reset, lost, suspended]) {
    expect(amount.coverage).toBeLessThan(1)
    expect(amount.joules / amount.coverage).toBeCloseTo(400, 0)
  }
})

test('a meter that counts in lumps begins with its first change', () => {
  // 60 W counted in 36 J lumps: the first reading may hide nearly a lump.
  const t = Array.from({ length: 400 }, (_, i) => i * 1e8)
  const value = t.map((at) => Math.floor((60 * (at / 1e9) + 30) / 36) * 36)
  const amount = counterEnergy(series(t, value), { from: 0.05e9, to: 30e9 }, timing)!
  expect(amount.joules / amount.coverage).toBeCloseTo(60 * 29.95, -1)
})

test('fewer than two updates in the window are below resolution', () => {
  const t = Array.from({ length: 41 }, (_, i) => i * 1e8)
  const value = t.map((at) => Math.floor(at / 1e9) * 70)
  const slow = { ...timing, period: 1e9 }
  expect(counterEnergy(series(t, value), { from: 1.2e9, to: 1.9e9 }, slow)!.belowResolution).toBe(true)
  expect(counterEnergy(series(t, value), { from: 0.2e9, to: 3.9e9 }, slow)!.belowResolution).toBe(false)
})
