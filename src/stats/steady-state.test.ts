// 200 synthetic series of each kind, with lognormal noise, spikes and some memory; the verdict must be right on 95 %.
import { describe, expect, test } from 'vitest'
import { Random } from '../base/random.ts'
import { steadyState, type SteadyVerdict } from './steady-state.ts'

const series = 200

/** Level of sample i as a factor, times noise of about 4 % with memory, and one spike in fifty. */
function noisy(random: Random, n: number, level: (x: number, i: number) => number): Float64Array {
  const memory = random.uniform() * 0.4
  const sigma = 0.02 + 0.04 * random.uniform()
  let state = 0
  return Float64Array.from({ length: n }, (_, i) => {
    state = memory * state + Math.sqrt(1 - memory * memory) * random.normal()
    const spike = random.uniform() < 0.02 ? 1 + 3 * random.uniform() : 1
    return 1e6 * level(i / n, i) * Math.exp(sigma * state) * spike
  })
}

const lengths = [150, 400, 1500, 6000]
const lengthOf = (random: Random): number => lengths[random.below(lengths.length)]!

function rightShare(expected: SteadyVerdict, make: (random: Random, n: number) => Float64Array, seed: number) {
  const random = new Random(seed)
  const verdicts = new Map<string, number>()
  for (let i = 0; i < series; i++) {
    const { verdict } = steadyState(make(random, lengthOf(random)))
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
  }
  process.stderr.write(`  ${expected}: ${[...verdicts].map(([v, c]) => `${v} ${c}`).join(', ')}\n`)
  return (verdicts.get(expected) ?? 0) / series
}

describe('the verdict is right on at least 95 % of 200 series', () => {
  test('that are flat', () => {
    expect(rightShare('flat', (random, n) => noisy(random, n, () => 1), 1)).toBeGreaterThanOrEqual(0.95)
  })

  test('that warm up exponentially or in steps within the first third', () => {
    const make = (random: Random, n: number): Float64Array => {
      const gain = 0.5 + 2 * random.uniform()
      const length = 0.05 + 0.1 * random.uniform()
      const steps = random.uniform() < 0.5
      const until = 0.1 + 0.2 * random.uniform()
      return noisy(random, n, (x) => 1 + (steps ? (x < until ? gain : 0) : gain * Math.exp(-x / length)))
    }
    expect(rightShare('warm-up', make, 2)).toBeGreaterThanOrEqual(0.95)
  })

  test('that slow down for good, at once or by and by', () => {
    const make = (random: Random, n: number): Float64Array => {
      const loss = 0.2 + random.uniform()
      const at = 0.3 + 0.5 * random.uniform()
      const drift = random.uniform() < 0.5
      return noisy(random, n, (x) => 1 + (drift ? loss * x : x < at ? 0 : loss))
    }
    expect(rightShare('slowdown', make, 3)).toBeGreaterThanOrEqual(0.95)
  })

  test('that shift: faster late in the run, or slower for a while in its middle', () => {
    const make = (random: Random, n: number): Float64Array => {
      const change = 0.3 + random.uniform()
      const at = 0.55 + 0.2 * random.uniform()
      const bump = random.uniform() < 0.5
      return noisy(random, n, (x) => (bump ? (x > 0.3 && x < 0.6 ? 1 + change : 1) : x < at ? 1 + change : 1))
    }
    expect(rightShare('shift', make, 4)).toBeGreaterThanOrEqual(0.95)
  })

  test('that never settle: levels that come and go', () => {
    const make = (random: Random, n: number): Float64Array => {
      const change = 0.4 + random.uniform()
      const periods = 3 + random.below(3)
      return noisy(random, n, (x) => (Math.floor(x * periods * 2) % 2 === 0 ? 1 : 1 + change))
    }
    expect(rightShare('no-steady-state', make, 5)).toBeGreaterThanOrEqual(0.95)
  })
})

test('the prefix that is cut ends where the warm-up ends', () => {
  const random = new Random(9)
  for (let i = 0; i < 50; i++) {
    const values = noisy(random, 1000, (x) => (x < 0.1 ? 1.8 : 1))
    const { prefix } = steadyState(values)
    expect(Math.abs(prefix - 100)).toBeLessThanOrEqual(10)
  }
})

test('three slow requests at the start are a warm-up of three', () => {
  const { verdict, prefix } = steadyState(noisy(new Random(3), 400, (_, i) => (i < 3 ? 4 : 1)))
  expect([verdict, prefix]).toEqual(['warm-up', 3])
})

test('too few samples are called flat, without segments to cut', () => {
  expect(steadyState(Float64Array.of(1, 2, 3))).toMatchObject({ verdict: 'flat', prefix: 0 })
  expect(steadyState(new Float64Array(0))).toMatchObject({ verdict: 'flat', prefix: 0 })
})
