import { expect, test } from 'vitest'
import type { Channel } from '../../run/channel.ts'
import type { RunEvent } from '../../run/event.ts'
import { characterise, repetitions } from './sensor-character.ts'

const channel = (rest: Partial<Channel>): Channel => ({
  id: 'nvml/a/x',
  sensor: 'nvml',
  quantity: 'energy',
  unit: 'J',
  kind: 'counter',
  scope: 'gpu',
  grade: 'B',
  ...rest,
})
const phase = (name: string, from: number, to: number): RunEvent[] => [
  { recording: 0, t: from * 1e9, kind: 'phase', data: { name, edge: 'begin' } },
  { recording: 0, t: to * 1e9, kind: 'phase', data: { name, edge: 'end' } },
]
const read = (ms: number, from: number, to: number, value: (s: number) => number) => {
  const t = Array.from({ length: Math.floor(((to - from) * 1e3) / ms) }, (_, i) => (from + (i * ms) / 1e3) * 1e9)
  return { t: Float64Array.from(t), value: Float64Array.from(t, (at) => value(at / 1e9)) }
}

test('fast readings show the period and the step of a counter', () => {
  const [row] = characterise(
    [{ channel: channel({}), ...read(4, 0, 2, (s) => Math.floor(s / 0.1) * 7) }],
    [
      ...phase('characterise', 0, 2),
      { recording: 0, t: 2e9, kind: 'sensor_read', data: { id: 'nvml', median_us: 31, max_us: 90, n: 500 } },
    ],
  )
  expect(row!.period_ms).toBeCloseTo(100, 0)
  expect(row).toMatchObject({ step: 7, poll_ms: 4, read_us: 31, window_ms: null })
})

test('the fast readings before the load are no measure of how often it was read', () => {
  const [fast, slow] = [read(4, 0, 2, (s) => Math.floor(s / 0.05)), read(100, 2, 5, (s) => Math.floor(s / 0.05))]
  const both = {
    t: Float64Array.from([...fast.t, ...slow.t]),
    value: Float64Array.from([...fast.value, ...slow.value]),
  }
  const [row] = characterise([{ channel: channel({}), ...both }], phase('characterise', 0, 2))
  expect(row!.period_ms).toBeCloseTo(50, 0)
  expect(row!.poll_ms).toBeCloseTo(100, 6)
})

test('a sensor that changes at every reading is at least as fast as it was read: no period is claimed', () => {
  const [row] = characterise([{ channel: channel({}), ...read(100, 0, 10, (s) => s * 50) }], [])
  expect(row).toMatchObject({ period_ms: null, poll_ms: 100 })
})

test('the rise at the load’s start tells a window of a second from a short one; slow readings say nothing of the latter', () => {
  const power = channel({ quantity: 'power', unit: 'W', kind: 'gauge' })
  const rise = (window: number) => (s: number) =>
    70 + 230 * Math.min(1, Math.max(0, (s - 3) / window)) + (Math.round(s * 1000) % 7) / 10
  const of = (poll: number, window: number) =>
    characterise([{ channel: power, ...read(poll, 0, 8, rise(window)) }], phase('load', 3, 8))[0]!
  expect(of(100, 1)).toMatchObject({ window_ms: 1000, window_from: 'step' })
  expect(of(5, 0.1)).toMatchObject({ window_ms: 100, window_from: 'step' })
  expect(of(5, 0.025)).toMatchObject({ window_ms: 25, window_from: 'step' })
  expect(of(100, 0.025)).toMatchObject({ window_ms: null, window_from: null })
})

test('repetitions: more for a sensor that sees a quarter of the time, fewer for a longer stage, never below four', () => {
  const partial = repetitions({ period: 100, window: 25 }, 40, 0.05)
  const whole = repetitions({ period: 100, window: 100 }, 40, 0.05)
  expect(partial).toBeGreaterThan(whole)
  expect(repetitions({ period: 100, window: 100 }, 400, 0.05)).toBeLessThan(whole)
  expect(repetitions({ period: 1, window: 1 }, 10_000, 0.05)).toBe(4)
})
