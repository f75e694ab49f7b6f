import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { betaCdf, betaQuantile } from './beta.ts'
import { orderStatistics, quantiles } from './quantile.ts'
import { normalQuantile, studentQuantile } from './student.ts'

interface Oracles {
  readonly cases: readonly { name: string; samples: number[]; ps: number[]; quantiles: number[] }[]
  readonly beta: readonly { x: number; a: number; b: number; cdf: number }[]
  readonly student: readonly { p: number; df: number; t: number }[]
  readonly normal: readonly { p: number; z: number }[]
}
const oracles = JSON.parse(
  readFileSync(new URL('../../test/fixtures/oracles/quantiles.json', import.meta.url), 'utf8'),
) as Oracles

describe('percentiles', () => {
  for (const { name, samples, ps, quantiles: expected } of oracles.cases) {
    test(`equal NumPy's to the last bit but one: ${name}`, () => {
      const found = quantiles(Float64Array.from(samples), ps)
      found.forEach((value, i) =>
        expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(4e-16 * Math.abs(expected[i]!)),
      )
    })
  }

  test('are NaN for no samples', () => {
    expect(quantiles(new Float64Array(0), [0.5])).toEqual([Number.NaN])
  })

  test('leave the samples as they were', () => {
    const samples = Float64Array.of(3, 1, 2)
    quantiles(samples, [0.5])
    expect([...samples]).toEqual([3, 1, 2])
  })

  test('come from order statistics that equal those of sorting', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
    const near = fc.double({ min: 1, max: 1.0001, noNaN: true })
    fc.assert(
      fc.property(fc.array(fc.oneof(finite, near), { minLength: 1, maxLength: 300 }), (values) => {
        const sorted = Float64Array.from(values).sort()
        const ranks = values.map((_, i) => i)
        expect(orderStatistics(Float64Array.from(values), ranks)).toEqual([...sorted])
      }),
    )
  })

  test('select from a bucket too large to sort', () => {
    const samples = Float64Array.from({ length: 200_001 }, (_, i) => 1 + ((i * 7919) % 200_001) * 1e-9)
    const sorted = samples.slice().sort()
    expect(orderStatistics(samples, [0, 99_999, 100_000, 198_000, 200_000])).toEqual(
      [0, 99_999, 100_000, 198_000, 200_000].map((rank) => sorted[rank]),
    )
  })
})

describe('distributions', () => {
  test("the incomplete beta function agrees with SciPy's and with its inverse", () => {
    for (const { x, a, b, cdf } of oracles.beta) {
      expect(Math.abs(betaCdf(x, a, b) - cdf)).toBeLessThan(1e-9)
      if (cdf > 1e-6 && cdf < 1 - 1e-6) expect(Math.abs(betaQuantile(cdf, a, b) / x - 1)).toBeLessThan(1e-6)
    }
  })

  test("Student's t and the normal quantile agree with SciPy's", () => {
    for (const { p, df, t } of oracles.student)
      expect(Math.abs(studentQuantile(p, df) - t)).toBeLessThan(1e-6 * Math.max(1, t))
    for (const { p, z } of oracles.normal) expect(Math.abs(normalQuantile(p) - z)).toBeLessThan(1e-7)
  })
})
