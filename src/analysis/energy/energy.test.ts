// Figures of a window: values, intervals, and what is said where there are none. What counts: balance.test.ts.
import * as fc from 'fast-check'
import type { Channel } from '../../run/channel.ts'
import type { RunEvent } from '../../run/event.ts'
import { expect, test } from 'vitest'
import { analysed, drawn } from '../../../test/fixtures/drawn-power.ts'
import { analyseEnergy } from './energy.ts'
import { cautionText } from '../../run/caution.ts'

test('a counter at 50 W gives 50 W, 400 J and 5 J an inference, whatever the window’s phase', () => {
  const { readings, window } = drawn('p  package  J  50')
  fc.assert(
    fc.property(fc.double({ min: 0, max: 2, noNaN: true }), fc.double({ min: 6, max: 10, noNaN: true }), (from, to) => {
      const { power, energy } = analyseEnergy(readings, { ...window, from: from * 1e9, to: to * 1e9 })
      expect(power.cpu_w!.value).toBeCloseTo(50, 6)
      expect(energy.per_inference_j!.value).toBeCloseTo((50 * (to - from)) / 80, 6)
      expect(power.cpu_w!.low).toBeLessThanOrEqual(50)
      expect(power.cpu_w!.high).toBeGreaterThanOrEqual(50 - 1e-9)
    }),
  )
})

test('an estimate is a range without a value, and joins no total', () => {
  const model = `
    l  package  J  2   bound=low grade=D
    h  package  J  20  bound=high grade=D
  `
  const { cpu_w } = analysed(model).power
  expect(cpu_w).toMatchObject({ value: null, grade: 'D' })
  expect(cpu_w!.low).toBeCloseTo(2, 6)
  expect(cpu_w!.high).toBeCloseTo(20, 6)
  expect(analysed(`${model}\n g  gpu/a  J  300`).energy.total_j).toMatchObject({ grade: 'B', scope: 'gpu' })
})

test('what was not measured is null with a reason, never zero; so is a counter that stands still', () => {
  const still = analysed('p  psys  J  0')
  expect(still.power).toEqual({ system_w: null, cpu_w: null, gpu_w: null })
  expect(still.unmeasured.map((row) => row.what)).toEqual(expect.arrayContaining(['system_w', 'cpu_w', 'gpu_w']))
})

test('a gap widens the interval and is told', () => {
  const { cpu_w: figure } = analysed('p  package  J  ######????##########  #=50').power
  expect(figure!.value).toBeCloseTo(50, 4)
  expect(figure!.high! - figure!.low!).toBeGreaterThan(20)
  expect(cautionText(figure!)).toMatch(/cover/)
})

test('plugged in, a battery tells nothing: the window is not covered, and what it hides widens the interval', () => {
  const { system_w: figure } = analysed('battery/power  system  W  ######??????########  #=20 systematic=0.05', {
    rhythm: 1e7,
  }).power
  expect(figure!.value).toBeCloseTo(20, 6)
  expect(figure!.high! - figure!.low!).toBeGreaterThan(10)
})

test('a window too short for its sensor has no value, says so, and how to mend it', () => {
  const { power, energy, unmeasured } = analysed(`
    g  gpu/a  J  300  step=300 period_ms=1000
    window       ............======................................
  `)
  expect(power.gpu_w!.value).toBeNull()
  expect(cautionText(power.gpu_w!)).toMatch(/below resolution/)
  expect(energy.per_inference_j!.value).toBeNull()
  expect(unmeasured.find((row) => row.what === 'gpu_w')).toMatchObject({ remedy: expect.stringContaining('--for') })
})

test('a one-second average is moved to the middle of its window, and its edges are not used', () => {
  // 50 W, then 250 W from 3 s on: the average rises over a second.
  const { gpu_w: figure } = analysed(`
    a  gpu/a  avg  _______________abcde##############################  _=50 a=90 b=130 c=170 d=210 e=250 #=250 period_ms=100 window_ms=1000
    window         ...............=========================..........
  `).power
  expect(figure!.value).toBeCloseTo(250, 6)
  expect(figure!.low!).toBeLessThan(250)
})

test('what is replayed says so', () => {
  const { cpu_w: figure } = analysed('replay/p  package  J  50  origin=replayed').power
  expect(cautionText(figure!)).toContain('replayed from a recording')
})

test('a load in step with a sensor that sees a part of the time: every figure of that sensor says so', () => {
  const figures = (cycle: { readonly cycle: number; readonly spread: number }): readonly (string | undefined)[] => {
    const { energy, power } = analysed('nvml/gpu/power  gpu/gpu  W  300  period_ms=100 window_ms=25', { cycle })
    return [power.gpu_w, energy.total_j, energy.per_inference_j].map((figure) => cautionText(figure!))
  }
  for (const caution of figures({ cycle: 20, spread: 0.1 })) {
    expect(caution).toContain('nvml/gpu/power sees 25 ms of every 100 ms and the load repeats every 20 ms')
  }
  for (const caution of figures({ cycle: 20, spread: 15 })) expect(caution ?? '').not.toContain('sees 25 ms')
})

test('a gauge without a declared period counts in a short run too, although sensors were learnt in a burst before it', () => {
  // 250 readings a second for two seconds, then ten, as before and in the load of a run.
  const t = [...Array.from({ length: 500 }, (_, i) => i * 4e6), ...Array.from({ length: 41 }, (_, i) => 2e9 + i * 1e8)]
  const value = t.map((at, i) => (at < 2e9 ? 100 : 200) + (i % 3))
  const channel = {
    id: 'hwmon/m/power',
    sensor: 'hwmon',
    quantity: 'power',
    unit: 'W',
    kind: 'gauge',
    scope: 'system',
    grade: 'C',
  }
  const series = { channel: channel as Channel, t: Float64Array.from(t), value: Float64Array.from(value) }
  const edge = (s: number, which: 'begin' | 'end'): RunEvent<'phase'> => ({
    recording: 0,
    t: s * 1e9,
    kind: 'phase',
    data: { name: 'characterise', edge: which },
  })
  const readings = { series: [series], events: [edge(0, 'begin'), edge(2, 'end')], unmeasured: [] }
  const { power } = analyseEnergy(readings, { from: 2.5e9, to: 5.5e9, inferences: 10, flopsPerInference: null })
  expect(power.system_w!.value).toBeGreaterThan(199)
  expect(power.system_w!.value).toBeLessThan(203)
})
