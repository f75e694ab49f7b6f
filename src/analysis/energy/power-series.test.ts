import { describe, expect, test } from 'vitest'
import type { Channel } from '../../run/channel.ts'
import { gapsOf, powerSeries } from './power-series.ts'

const counter: Channel = {
  id: 'rapl/package-0/energy',
  sensor: 'rapl',
  quantity: 'energy',
  unit: 'J',
  kind: 'counter',
  scope: 'package',
}
const gauge: Channel = { ...counter, id: 'm/power', quantity: 'power', unit: 'W', kind: 'gauge' }
const timing = { period: 0, window: 0, gaps: [] }
const s = 1e9
const seriesOf = (channel: Channel, rows: readonly (readonly [number, number])[]) => ({
  channel,
  t: Float64Array.from(rows, ([t]) => t * s),
  value: Float64Array.from(rows, ([, v]) => v),
})
const edges = (...at: readonly number[]) => Float64Array.from(at, (t) => t * s)
const rounded = (watts: readonly (number | undefined)[]) =>
  watts.map((w) => (w === undefined ? w : Number(w.toFixed(6))))

describe('a counter', () => {
  test('gives the mean between its changes; intervals add up to its rise', () => {
    const series = seriesOf(counter, [
      [0, 0],
      [1, 10],
      [2, 40],
      [3, 50],
      [4, 55],
    ])
    expect(rounded(powerSeries(series, timing, edges(0, 1, 2, 3, 4)))).toEqual([10, 30, 10, 5])
    const halves = powerSeries(series, timing, edges(0.5, 1.5, 2.5, 3.5))
    expect(rounded(halves)).toEqual([20, 20, 7.5])
    expect(halves.reduce<number>((sum, w) => sum + w!, 0)).toBeCloseTo(52.5 - 5, 9)
  })

  test('that was not read for a while counted on: its mean is known, and the gap is told', () => {
    const series = seriesOf(counter, [
      [0, 0],
      [1, 10],
      [2, 20],
      [3, 30],
      [13, 130],
      [14, 140],
      [15, 150],
      [16, 160],
    ])
    expect(rounded(powerSeries(series, timing, edges(2, 6, 10, 15)))).toEqual([10, 10, 10])
    expect(gapsOf(series, timing)).toEqual([{ from: 3 * s, to: 13 * s }])
  })

  test('that fell, or gave no number, is unknown between', () => {
    const rows = [0, 10, 20, 5, 15, 25].map((joules, i) => [i, joules] as const)
    expect(rounded(powerSeries(seriesOf(counter, rows), timing, edges(0, 1, 2, 3, 4, 5)))).toEqual([
      10,
      10,
      undefined,
      10,
      10,
    ])
    expect(gapsOf(seriesOf(counter, rows), timing)).toEqual([{ from: 2 * s, to: 3 * s }])
    const odd = [0, 10, Number.NaN, 30, 40].map((joules, i) => [i, joules] as const)
    expect(rounded(powerSeries(seriesOf(counter, odd), timing, edges(0, 1, 2, 3, 4)))).toEqual([
      10,
      undefined,
      undefined,
      10,
    ])
    expect(gapsOf(seriesOf(counter, odd), timing)).toEqual([{ from: 1 * s, to: 3 * s }])
  })

  test('is not known before its first reading or after its last', () => {
    const series = seriesOf(counter, [
      [1, 0],
      [2, 10],
      [3, 20],
    ])
    expect(rounded(powerSeries(series, timing, edges(0, 1, 2, 3, 4)))).toEqual([undefined, 10, 10, undefined])
  })
})

describe('a power reading', () => {
  test('is integrated by trapezoids; a long silence, garbage and negative values are no power', () => {
    const series = seriesOf(gauge, [
      [0, 10],
      [1, 20],
      [2, 20],
      [3, -5],
      [4, 20],
      [5, 20],
      [20, 20],
      [21, 20],
    ])
    expect(rounded(powerSeries(series, timing, edges(0, 1, 2)))).toEqual([15, 20])
    expect(rounded(powerSeries(series, timing, edges(2, 4, 5, 12, 20, 21)))).toEqual([
      undefined,
      20,
      undefined,
      undefined,
      20,
    ])
    expect(gapsOf(series, timing)).toEqual([
      { from: 2 * s, to: 4 * s },
      { from: 5 * s, to: 20 * s },
    ])
  })

  test('that averages is moved back by half of what it covers', () => {
    const rows = Array.from({ length: 11 }, (_, i) => [i, i < 5 ? 10 : 30] as const)
    const series = seriesOf({ ...gauge, kind: 'average' }, rows)
    const watts = powerSeries(series, { ...timing, window: 2 * s }, edges(0, 3, 4, 9))
    expect(rounded(watts)).toEqual([10, 20, 30])
  })

  test('a suspend is never bridged', () => {
    const series = seriesOf(gauge, [
      [0, 10],
      [1, 10],
      [2, 10],
      [3, 10],
    ])
    const asleep = { ...timing, gaps: [{ from: 1.2 * s, to: 1.8 * s }] }
    expect(rounded(powerSeries(series, asleep, edges(0, 1, 2, 3)))).toEqual([10, undefined, 10])
  })
})
