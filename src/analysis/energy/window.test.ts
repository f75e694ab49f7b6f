import { expect, test } from 'vitest'
import type { Channel } from '../../run/channel.ts'
import type { Figure } from '../../run/figure.ts'
import { boundedBy, periodOf } from './window.ts'

const figure = (value: number | null, low: number, high: number, rest: Partial<Figure> = {}): Figure => ({
  value,
  low,
  high,
  n: 10,
  unit: 'J',
  grade: 'B',
  ...rest,
})
test('a window below the resolution keeps its value, and is bounded by nothing and by all that lies around it', () => {
  expect(boundedBy(figure(10, 9, 11), figure(40, 39, 41))).toMatchObject({ value: 10, low: 0, high: 41 })
  expect(boundedBy(figure(10, 9, 11), null)).toBeNull()
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
  expect(periodOf(figure(1, 1, 1, { sources: ['fast', 'slow'] }), channels, 20e6)).toBe(100e6)
  expect(periodOf(figure(1, 1, 1, { sources: ['fast'] }), channels, 20e6)).toBe(20e6)
  expect(periodOf(null, channels, 20e6)).toBe(1000e6)
})
