import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { LogLinearHistogram } from './histogram.ts'

const value = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  fc.integer({ min: 0, max: 5000 }),
  fc.double({ min: 1, max: 9e18, noNaN: true }),
)

test('a value read back lies within 0.4 % of the one recorded, or within one unit', () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      const histogram = new LogLinearHistogram()
      histogram.record(a)
      histogram.record(b)
      const small = Math.min(a, b)
      const read = histogram.quantile(0.5)
      expect(Math.abs(read - small)).toBeLessThanOrEqual(Math.max(1, small * 0.004))
    }),
  )
})

test('every bucket holds what is below its upper edge, and counts add up', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 100 }), (values) => {
      const histogram = new LogLinearHistogram()
      for (const v of values) histogram.record(v)
      const buckets = histogram.buckets()
      expect(buckets.reduce((sum, [, count]) => sum + count, 0)).toBe(values.length)
      for (const [edge] of buckets) {
        const below = values.filter((v) => Math.trunc(v) < edge).length
        const counted = buckets.filter(([e]) => e <= edge).reduce((sum, [, count]) => sum + count, 0)
        expect(counted).toBe(below)
      }
    }),
  )
})

test('merging two histograms equals recording everything in one', () => {
  fc.assert(
    fc.property(fc.array(value), fc.array(value), (left, right) => {
      const a = new LogLinearHistogram()
      const b = new LogLinearHistogram()
      const both = new LogLinearHistogram()
      left.forEach((v, i) => (a.record(v, i), both.record(v, i)))
      right.forEach((v, i) => (b.record(v, 1000 + i), both.record(v, 1000 + i)))
      a.merge(b)
      expect(a.buckets()).toEqual(both.buckets())
      expect([a.count, a.min, a.max]).toEqual([both.count, both.min, both.max])
    }),
  )
})

test('count, sum, min, max and the time of the maximum are exact', () => {
  const histogram = new LogLinearHistogram()
  histogram.record(5, 100)
  histogram.record(9e9, 200)
  histogram.record(7, 300)
  expect([histogram.count, histogram.sum, histogram.min, histogram.max, histogram.maxAt]).toEqual([
    3,
    9e9 + 12,
    5,
    9e9,
    200,
  ])
})

test('what is no latency is counted apart', () => {
  const histogram = new LogLinearHistogram()
  histogram.record(-1)
  histogram.record(Number.NaN)
  expect([histogram.count, histogram.invalid]).toEqual([0, 2])
  expect(histogram.quantile(0.5)).toBeNaN()
})

test('values above a limit are counted by whole buckets', () => {
  const histogram = new LogLinearHistogram()
  for (const v of [10, 1000, 100_000]) histogram.record(v)
  expect(histogram.countAbove(500)).toBe(2)
  expect(histogram.countAbove(100_000)).toBe(0)
})
