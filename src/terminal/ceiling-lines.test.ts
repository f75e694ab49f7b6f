import { expect, test } from 'vitest'
import type { BandwidthCeiling, ComputeCeiling, RunDocument } from '../index.ts'
import { ceilingLines, ceilingTable } from './ceiling-lines.ts'
import { columns, style } from './style.ts'

const figure = (value: number, low = value) => ({ value, low, high: value, n: 5 })
const engine: ComputeCeiling = {
  name: 'engine Conv',
  origin: 'measured',
  how: '',
  provider: 'cpu',
  precision: 'float32',
  flops_per_s: figure(190e9, 171e9),
}
const lines = (utilization: object): string =>
  ceilingLines({ utilization } as unknown as RunDocument, (name, text) => [`${name} ${text}`]).join('\n')

test('FLOP/s with their share of a peak and whence that is known', () => {
  const used = {
    flops_per_s: figure(35.4e9),
    mfu: figure(0.186),
    peak: engine,
    ceilings: { measured_at: '2026-11-27T07:35:00.000Z', compute: [], bandwidth: [] },
  }
  expect(lines(used)).toBe('Compute 35.4 GFLOP/s · MFU 19 % of 190 GFLOP/s (engine Conv, measured 2026-11-27)')
  const { provider: _, ...table } = engine
  expect(lines({ ...used, peak: { ...table, origin: 'table' } })).toContain(
    '(table: cores × clock × width) · --ceilings measures the peak',
  )
  expect(lines({ ...used, peak: { ...table, name: 'L4 tf32', origin: 'datasheet', device: 'GPU-1' } })).toMatch(
    /\(L4 tf32, datasheet\)$/,
  )
  expect(lines({ ...used, mfu: null, peak: null })).toBe('Compute 35.4 GFLOP/s · --ceilings measures the peak')
  expect(lines({ flops_per_s: null })).toBe('')
})

test('computed bytes are at least so many, counted ones are that many', () => {
  const of = (memory: object): string => lines({ flops_per_s: figure(1e9), memory: [memory] }).split('\n')[1]!
  const share = figure(0.14)
  expect(of({ kind: 'computed', bytes_per_s: figure(3.4e9), share, of: 'read, 2 threads' })).toBe(
    'Memory at least 3.40 GB/s, 14 % of read, 2 threads (weights alone, computed)',
  )
  expect(of({ kind: 'counted', bytes_per_s: figure(3.4e9), share: null, of: null })).toBe('Memory 3.40 GB/s')
  expect(of({ kind: 'counted', device: 'GPU-1', bytes_per_s: null, share, of: 'L4 memory' })).toBe(
    'Memory GPU 14 % of L4 memory',
  )
})

test('the table of ceilings fits eighty columns', () => {
  const read: BandwidthCeiling = {
    name: 'triad, 128 threads',
    origin: 'measured',
    how: '',
    bytes_per_s: figure(2e10, 1e10),
  }
  const text = ceilingTable(
    { measured_at: null, compute: [engine], bandwidth: [read], last_level_cache_bytes: null },
    style(false),
  )
  expect(text).toMatch(/engine Conv +190 GFLOP\/s +10\.0 %/)
  expect(text).toMatch(/memory triad, 128 threads +20\.0 GB\/s +50 %/)
  expect(Math.max(...text.split('\n').map(columns))).toBeLessThanOrEqual(80)
})
