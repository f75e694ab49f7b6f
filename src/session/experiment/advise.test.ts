import { expect, test } from 'vitest'
import { Random } from '../../base/random.ts'
import { onnx } from '../../targets/catalog.ts'
import { settingsToTry } from './advise.ts'
import { changes, meanChange } from '../../analysis/compare/paired.ts'

test('tries other thread counts that fit the CPUs, spinning, and lower optimisation levels', () => {
  expect(settingsToTry(onnx('m.onnx'), { cpus: 4, instances: 1 }).map(({ flag }) => flag)).toEqual([
    '--threads 1',
    '--threads 2',
    '--threads 4',
    '--no-spinning',
    '--opt extended',
    '--opt basic',
  ])
  expect(
    settingsToTry(onnx('m.onnx', { threads: 1, opt: 'basic' }), { cpus: 1, instances: 1 }).map(({ flag }) => flag),
  ).toEqual(['--opt extended'])
  const flags = settingsToTry(onnx('m.onnx', { spinning: false }), { cpus: 4, instances: 3 }).map((s) => s.flag)
  expect(flags).toEqual(['--threads 1', '--opt extended', '--opt basic'])
})

test('nothing is tried on a target without such settings', () => {
  expect(settingsToTry({ kind: 'http', options: {} }, { cpus: 4, instances: 1 })).toEqual([])
})

const burst = (n: number, scale: number, seed: number): Float64Array => {
  const random = new Random(seed)
  return Float64Array.from({ length: n }, () => scale * (1 + random.uniform()))
}

test('the change of the median and of the highest percentile that each burst knows', () => {
  const bursts = Array.from({ length: 8 }, (_, i) => [burst(120, 1e6, 2 * i), burst(110, 0.7e6, 2 * i + 1)] as const)
  const [p50, tail] = changes('--threads 2', bursts)
  expect(p50).toMatchObject({ flag: '--threads 2', metric: 'p50', n: 8 })
  expect(tail!.metric).toBe('p95')
  for (const result of [p50!, tail!]) {
    expect(result.change!).toBeCloseTo(-0.3, 1)
    expect(result.low!).toBeLessThan(result.change!)
    expect(result.high!).toBeGreaterThan(result.change!)
    expect(result.high!).toBeLessThan(-0.2)
  }
})

test('p99 takes 500 requests in each burst; a handful knows the median only', () => {
  const pairs = (n: number) => Array.from({ length: 8 }, (_, i) => [burst(n, 1, i), burst(n, 1, i + 50)] as const)
  expect(changes('x', pairs(500)).map(({ metric }) => metric)).toEqual(['p50', 'p99'])
  expect(changes('x', pairs(12)).map(({ metric }) => metric)).toEqual(['p50'])
})

test('too few pairs give no figure', () => {
  expect(meanChange([0.1, 0.2])).toEqual({ change: null, low: null, high: null })
  expect(changes('x', [[new Float64Array(0), new Float64Array(0)]])[0]).toMatchObject({ change: null, n: 0 })
})
