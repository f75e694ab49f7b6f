import { expect, test } from 'vitest'
import { LatencyProfiler } from './latency-profiler.ts'

test('gives the percentiles of the newest samples only', () => {
  const profiler = new LatencyProfiler({ windowSize: 100 })
  for (let i = 1; i <= 250; i++) profiler.record(i, { batch: i % 2 === 0 ? 8 : 1, at: i * 10 })
  const found = profiler.percentiles()
  expect(found).toMatchObject({ count: 100, total: 250, p50: 200.5, min: 151, max: 250, max_at: 2500, mean: 200.5 })
  expect(found.jitter).toBe(1)
  expect(found.spread).toBeCloseTo(found.p99! - found.p50!)
  expect(found.batch_sizes).toEqual({ '1': 50, '8': 50 })
})

test('takes jitter within a stream', () => {
  const profiler = new LatencyProfiler()
  for (let i = 0; i < 10; i++) profiler.record(i % 2 === 0 ? 1 : 100, { stream: i % 2 })
  expect(profiler.percentiles().jitter).toBe(0)
})

test('says null where nothing is known', () => {
  const empty = new LatencyProfiler().percentiles()
  expect([empty.p99, empty.max, empty.jitter, empty.stddev]).toEqual([null, null, null, null])
  const one = new LatencyProfiler()
  one.record(5)
  expect(one.percentiles()).toMatchObject({ p99: 5, stddev: null, spread: null, max_at: null })
})

test('uses the clock it was given for the time of the maximum', () => {
  let t = 0
  const profiler = new LatencyProfiler({ now: () => ++t })
  profiler.record(1)
  profiler.record(9)
  profiler.record(2)
  expect(profiler.percentiles().max_at).toBe(2)
})

test('refuses what is no latency and no window', () => {
  expect(() => new LatencyProfiler().record(-1)).toThrow(RangeError)
  expect(() => new LatencyProfiler().record(Number.NaN)).toThrow(RangeError)
  expect(() => new LatencyProfiler({ windowSize: 0 })).toThrow(RangeError)
})
