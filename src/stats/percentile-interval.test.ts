// Coverage by simulation: what an interval promises is checked on laws whose true percentiles are known.
import { expect, test } from 'vitest'
import { Random } from '../base/random.ts'
import { quantileIntervals } from './percentile-interval.ts'
import { normalQuantile } from './student.ts'

const ps = [0.5, 0.9, 0.95, 0.99]

function coverage(generate: (random: Random) => Float64Array, truth: readonly number[], trials: number, seed: number) {
  const random = new Random(seed)
  const covered = ps.map(() => 0)
  const widths = ps.map(() => [] as number[])
  for (let trial = 0; trial < trials; trial++) {
    quantileIntervals(generate(random), ps).forEach((estimate, i) => {
      const { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY } = estimate
      if (low <= truth[i]! && truth[i]! <= high) covered[i]!++
      widths[i]!.push((high - low) / estimate.value)
    })
  }
  return ps.map((p, i) => {
    const sorted = widths[i]!.sort((a, b) => a - b)
    return { p, covered: covered[i]! / trials, width: sorted[sorted.length >> 1]! }
  })
}

/** Mean waiting is not needed: the true percentiles of a dependent law come from one very long run of it. */
function longRun(generate: (random: Random, n: number) => Float64Array): number[] {
  const sorted = generate(new Random(1), 2_000_000).sort()
  return ps.map((p) => sorted[Math.floor(p * sorted.length)]!)
}

function md1(load: number) {
  return (random: Random, n: number): Float64Array => {
    const response = new Float64Array(n)
    let wait = 0
    for (let i = -300; i < n; i++) {
      if (i >= 0) response[i] = wait + 1
      wait = Math.max(0, wait + 1 - random.exponential() / load)
    }
    return response
  }
}

const autoregressive = (phi: number) => (random: Random, n: number) => {
  const values = new Float64Array(n)
  let state = random.normal()
  for (let i = 0; i < n; i++) {
    state = phi * state + Math.sqrt(1 - phi * phi) * random.normal()
    values[i] = Math.exp(state)
  }
  return values
}

const report = (name: string, rows: ReturnType<typeof coverage>): void =>
  void process.stderr.write(
    `  ${name}: ${rows.map((r) => `p${r.p * 100} ${(r.covered * 100).toFixed(1)} % (width ${(r.width * 100).toFixed(0)} %)`).join(', ')}\n`,
  )

test('95 % intervals cover at least 95 % less three standard errors on independent samples', () => {
  const truth = ps.map((p) => Math.exp(normalQuantile(p)))
  const trials = 600
  for (const n of [500, 4000]) {
    const rows = coverage(
      (random) => Float64Array.from({ length: n }, () => Math.exp(random.normal())),
      truth,
      trials,
      3,
    )
    report(`independent lognormal, n ${n}`, rows)
    for (const row of rows) expect(row.covered).toBeGreaterThanOrEqual(0.95 - 3 * Math.sqrt((0.95 * 0.05) / trials))
  }
})

for (const [name, generate] of [
  ['a queue at 50 % load', md1(0.5)],
  ['a queue at 80 % load', md1(0.8)],
  ['an AR(1) series', autoregressive(0.7)],
] as const) {
  test(`95 % intervals cover at least 90 % on ${name}`, () => {
    const truth = longRun(generate)
    const rows = coverage((random) => generate(random, 4000), truth, 300, 5)
    report(`${name}, n 4000`, rows)
    for (const row of rows) expect(row.covered).toBeGreaterThanOrEqual(0.9)
  })
}

test('a side is left open when the samples cannot bound it', () => {
  const [p99] = quantileIntervals(
    Float64Array.from({ length: 100 }, (_, i) => i),
    [0.99],
  )
  expect(p99!.high).toBeUndefined()
  const [p50] = quantileIntervals(
    Float64Array.from({ length: 100 }, (_, i) => (i * 37) % 100),
    [0.5],
  )
  expect(p50!.low).toBeLessThan(p50!.value)
  expect(p50!.high).toBeGreaterThan(p50!.value)
})
