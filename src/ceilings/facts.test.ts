import { expect, test } from 'vitest'
import { cpuIdentity } from '../peaks/cpu-peak.ts'
import { bandwidthCeilings, bestOf, computeCeilings, measuredClock, tablePeak, toldClock } from './facts.ts'
import type { ProbeResult, ProbeSettings } from './probe.ts'
import { hasCaution } from '../run/caution.ts'

const settings: ProbeSettings = { threads: 2, arrayBytes: { alone: 4e6, part: 2e6 }, burstMs: 1, bursts: 3 }
const quiet = { disturbed: false }
const result: ProbeResult = {
  fused: true,
  loops: [
    { loop: 'multiplyAdd', threads: 1, rates: [50e9, 58e9, 57e9], ...quiet },
    { loop: 'multiplyAdd', threads: 2, rates: [110e9, 90e9, 100e9], disturbed: true },
    { loop: 'chain', threads: 1, rates: [3.6e9, 3.7e9], ...quiet },
    { loop: 'chain', threads: 2, rates: [3.4e9, 3.5e9], ...quiet },
    { loop: 'read', threads: 2, rates: [20e9, 25e9], ...quiet },
  ],
  engine: [{ model: 'Conv', flops: 1e9, rates: [190e9, 180e9], ...quiet }],
  failures: [],
}

test('the best burst is the ceiling, from the median up', () => {
  expect(bestOf({ rates: [3, 1, 2], disturbed: false }, 'B/s')).toEqual({
    value: 3,
    low: 2,
    high: 3,
    n: 3,
    unit: 'B/s',
  })
  expect(hasCaution(bestOf({ rates: [3], disturbed: true }, 'B/s'), 'disturbed')).toBe(true)
})

test('every ceiling says what it is and on how many threads', () => {
  const found = computeCeilings(result, 2)
  expect(found.map(({ name, threads, provider }) => [name, threads, provider])).toEqual([
    ['engine Conv', undefined, 'cpu'],
    ['128-bit SIMD, 1 thread', 1, undefined],
    ['128-bit SIMD, 2 threads', 2, undefined],
  ])
  expect(found[1]!.how).toContain('128-bit WebAssembly SIMD')
  expect(found[2]!.flops_per_s.cautions).toBeDefined()
})

test('arrays that the cache may hold a part of are said to be so', () => {
  const of = (cache: number | null): string => bandwidthCeilings(result, settings, cache)[0]!.how
  expect(of(1e6)).not.toContain('cache')
  expect(of(2e6)).toContain('only 2.0 times the last-level cache')
  expect(of(null)).toContain('not being known')
})

const zen4 = cpuIdentity(
  'vendor_id: AuthenticAMD\ncpu family: 25\nmodel: 17\nmodel name: AMD EPYC\nflags: avx2 fma avx512f\ncpu MHz\t\t: 2596.132\n',
)

test('the table’s peak is cores × clock × width, and says whence the clock is', () => {
  const clock = measuredClock(result.loops, 2)
  expect(clock).toEqual({ hz: 3.5e9, how: 'measured with a chain of additions' })
  const disturbed = result.loops.map((found) => ({ ...found, disturbed: found.threads === 2 }))
  expect(measuredClock(disturbed, 2)!.hz).toBe(3.7e9)
  expect(
    measuredClock(
      disturbed.map((found) => ({ ...found, disturbed: true })),
      2,
    ),
  ).toBeUndefined()
  const peak = tablePeak(zen4, 2, clock)!
  expect(peak.flops_per_s.value).toBe(2 * 3.5e9 * 32)
  expect(peak).toMatchObject({ origin: 'table', how: expect.stringContaining('2 cores × 3.50 GHz (measured') })
  expect(tablePeak(zen4, 1.5, clock)!.flops_per_s.value).toBe(1.5 * 3.5e9 * 32)
  expect(tablePeak(zen4, 2, undefined)).toBeUndefined()
  expect(tablePeak(undefined, 2, clock)).toBeUndefined()
  expect(tablePeak(zen4, 0, clock)).toBeUndefined()
})

test('a clock that is only told is said to be so; nonsense is none', () => {
  expect(toldClock('3700000', '')).toEqual({ hz: 3.7e9, how: 'the highest the system names' })
  expect(toldClock(undefined, 'cpu MHz\t\t: 2596.132\n')).toMatchObject({ hz: 2596.132e6 })
  for (const text of [undefined, '', 'N/A', '-1', '0']) expect(toldClock(text, 'cpu MHz: unknown')).toBeUndefined()
})
