import { expect, test } from 'vitest'
import { Random } from '../base/random.ts'
import type { Channel } from '../run/channel.ts'
import type { Figure } from '../run/figure.ts'
import { allocateSamples } from '../run/table.ts'
import { SampleRing } from './sample-ring.ts'
import { boundedBy, energyBetween, periodOf, sumSegments, type WindowEnergy } from './window-energy.ts'

const figure = (value: number | null, low: number, high: number, rest: Partial<Figure> = {}): Figure => ({
  value,
  low,
  high,
  n: 10,
  unit: 'J',
  grade: 'B',
  ...rest,
})
const segment = (seconds: number, total: Figure | null): WindowEnergy => ({
  seconds,
  total,
  system: null,
  cpu: total,
  gpu: null,
})

test('segments that follow each other add up, ends and all, at the worst grade of them', () => {
  const sum = sumSegments([segment(10, figure(100, 98, 102)), segment(20, figure(50, 47, 53, { grade: 'C' }))])
  expect(sum.seconds).toBe(30)
  expect(sum.total).toMatchObject({ value: 150, low: 145, high: 155, n: 20, grade: 'C' })
  expect(sum.gpu).toBeNull()
})

test('a segment without a measurement is taken to be like the rest, and widens the interval by that', () => {
  const { total } = sumSegments([segment(10, figure(100, 98, 102)), segment(10, null)])
  expect(total).toMatchObject({ value: 200, low: 98, high: 302, caution: 'readings cover 50 % of the window' })
})

test('an estimate never joins a measurement', () => {
  const estimate = figure(null, 10, 80, { grade: 'D' })
  const { total } = sumSegments([segment(10, figure(100, 98, 102)), segment(10, estimate)])
  expect(total).toMatchObject({ value: 200, low: 98, grade: 'B' })
  expect(sumSegments([segment(10, estimate), segment(10, estimate)]).total).toMatchObject({
    value: null,
    low: 20,
    high: 160,
    grade: 'D',
  })
})

test('a window below the resolution is bounded by nothing and by all that lies around it', () => {
  expect(boundedBy(figure(40, 39, 41), 0.25)).toMatchObject({ value: 10, low: 0, high: 41 })
  expect(boundedBy(null, 0.25)).toBeNull()
})

test('the update period is that of the slowest source, and at least the sampling’s', () => {
  const channel = (id: string, period_ms?: number): Channel => ({
    id,
    sensor: 'test',
    quantity: 'energy',
    unit: 'J',
    kind: 'counter',
    scope: 'package',
    ...(period_ms === undefined ? {} : { period_ms }),
  })
  const channels = [channel('fast'), channel('slow', 100), channel('meter', 1000)]
  expect(periodOf(figure(1, 1, 1, { source: 'fast + slow' }), channels, 20e6)).toBe(100e6)
  expect(periodOf(figure(1, 1, 1, { source: 'fast' }), channels, 20e6)).toBe(20e6)
  expect(periodOf(null, channels, 20e6)).toBe(1000e6)
})

test('children and the rest make the parent within their intervals, wherever they are cut', () => {
  const channels: Channel[] = [
    { id: 'cpu', sensor: 't', quantity: 'energy', unit: 'J', kind: 'counter', scope: 'package', grade: 'B' },
    { id: 'gpu', sensor: 't', quantity: 'power', unit: 'W', kind: 'gauge', scope: 'gpu', device: 'g', grade: 'C' },
  ]
  const random = new Random(11)
  const cases = 300
  let agree = 0
  for (let i = 0; i < cases; i++) {
    const ring = new SampleRing(2, 1024)
    let joules = 1
    for (let reading = 0; reading < 60; reading++) {
      const power = 300 * random.uniform()
      const chunk = allocateSamples(2)
      joules += power * 0.1
      chunk.channel.set([0, 1])
      chunk.t.set([reading * 1e8, reading * 1e8])
      chunk.value.set([joules, power])
      ring.add(chunk)
    }
    const cuts = Array.from({ length: 1 + (i % 4) }, () => (0.2 + 5.4 * random.uniform()) * 1e9).sort((a, b) => a - b)
    const edges = [0.15e9, ...cuts, 5.7e9]
    const parts = edges.slice(1).map((to, at) => energyBetween(ring, channels, edges[at]!, to).total)
    const whole = energyBetween(ring, channels, edges[0]!, edges.at(-1)!).total!
    const sum = (key: 'low' | 'high'): number => parts.reduce((total, part) => total + (part?.[key] ?? 0), 0)
    if (sum('low') <= whole.high! && sum('high') >= whole.low!) agree++
  }
  // Each is a 95 % interval.
  expect(agree / cases).toBeGreaterThanOrEqual(0.95)
})
