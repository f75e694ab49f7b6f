import { expect, test } from 'vitest'
import type { Figure } from '../../run/figure.ts'
import type { UtilizationSection } from '../../run/sections/hardware.ts'
import type { BandwidthCeiling, ComputeCeiling, HostCeilings, Manifest, ModelFacts } from '../../run/manifest.ts'
import { analyseRoofline } from './roofline.ts'
import { hasCaution } from '../../run/caution.ts'

const figure = (value: number, low = value, high = value): Figure => ({ value, low, high, n: 5 })
const compute = (name: string, gigaflops: number, rest: Partial<ComputeCeiling> = {}): ComputeCeiling => ({
  name,
  origin: 'measured',
  how: '',
  precision: 'float32',
  flops_per_s: figure(gigaflops * 1e9, gigaflops * 0.8e9, gigaflops * 1e9),
  ...rest,
})
const bandwidth = (name: string, gigabytes: number): BandwidthCeiling => ({
  name,
  origin: 'measured',
  how: '',
  bytes_per_s: figure(gigabytes * 1e9),
})
const table = compute('CPU by its width', 240, { origin: 'table', flops_per_s: figure(240e9) })
const host: HostCeilings = {
  measured_at: '2026-11-27T00:00:00.000Z',
  compute: [
    compute('engine MatMul', 150, { provider: 'cpu' }),
    compute('engine Conv', 200, { provider: 'cpu' }),
    compute('128-bit SIMD, 2 threads', 110),
    table,
  ],
  bandwidth: [bandwidth('read, 2 threads', 25), bandwidth('triad, 2 threads', 20)],
  last_level_cache_bytes: 32e6,
}
const model = {
  macs: 0.5e9,
  flops: 1e9,
  macs_dtype: 'float32',
  inputs: [],
  traffic: { weight_bytes: 100e6, activation_bytes: 25e6 },
} as unknown as ModelFacts

interface Case {
  readonly ceilings?: HostCeilings
  readonly model?: ModelFacts
  readonly provider?: string
  readonly gpus?: readonly string[]
  readonly batch?: number
  readonly counted?: Partial<UtilizationSection>
  readonly rate?: number
}
const of = (given: Case) =>
  analyseRoofline(
    {
      ...(given.ceilings ? { ceilings: given.ceilings } : {}),
      host: { gpus: (given.gpus ?? []).map((name, i) => ({ name, uuid: `GPU-${i}`, driver: '1' })) },
      target: {
        model: 'model' in given ? given.model : model,
        batch: given.batch ?? 1,
        engine: { provider: given.provider ?? 'cpu' },
      },
    } as unknown as Manifest,
    { inferencesPerS: (given.rate ?? 50) * (given.batch ?? 1), inferences: 500, requestsPerS: given.rate ?? 50 },
    given.counted ? (given.counted as UtilizationSection) : null,
  )

test('FLOP/s are exact, and MFU is of the best that the engine reached', () => {
  const { roofline, unmeasured } = of({ ceilings: host })
  expect(roofline.flops_per_s).toEqual({ value: 50e9, low: 50e9, high: 50e9, n: 500, unit: 'FLOP/s' })
  expect(roofline.peak).toMatchObject({ name: 'engine Conv', origin: 'measured' })
  // From the best burst to the median one.
  expect(roofline.mfu).toEqual({ value: 0.25, low: 0.25, high: 50 / 160, n: 500, unit: 'ratio' })
  expect(unmeasured).toEqual([])
})

test('without a measurement the table speaks; a loop that cannot use the whole width never does', () => {
  const simd = host.compute.filter(({ name }) => name.startsWith('128'))
  expect(of({ ceilings: { ...host, compute: [...simd, table] } }).roofline).toMatchObject({
    peak: { origin: 'table' },
    mfu: { value: 50 / 240 },
  })
  const { roofline, unmeasured } = of({ ceilings: { ...host, compute: simd } })
  expect(roofline).toMatchObject({ peak: null, mfu: null, flops_per_s: { value: 50e9 } })
  expect(unmeasured).toEqual([expect.objectContaining({ what: 'mfu', remedy: 'measure it: --ceilings' })])
})

test('on a GPU the datasheet of the board speaks, in the precision the engine computes in', () => {
  const gpu = { ceilings: host, gpus: ['NVIDIA H100 80GB HBM3', 'NVIDIA L4'], provider: 'cuda' }
  expect(of(gpu).roofline.peak).toMatchObject({
    name: 'H100 SXM tf32',
    origin: 'datasheet',
    device: 'GPU-0',
    flops_per_s: { value: 494.5e12 },
  })
  const half = { ...model, macs_dtype: 'float16' }
  expect(of({ ...gpu, model: half }).roofline.peak).toMatchObject({ name: 'H100 SXM float16' })
  // Turing has no TF32.
  expect(of({ ...gpu, gpus: ['Tesla T4'] }).roofline.peak).toMatchObject({ name: 'T4 float32' })
  const unknown = of({ ...gpu, gpus: ['NVIDIA A10G'] })
  expect(unknown.roofline.mfu).toBeNull()
  expect(unknown.unmeasured).toHaveLength(1)
  // The CPU's run on a host with a GPU is not the GPU's.
  expect(of({ ...gpu, provider: 'cpu' }).roofline.peak).toMatchObject({ name: 'engine Conv' })
})

test('arithmetic of another type is not held against float32', () => {
  const { roofline, unmeasured } = of({ ceilings: host, model: { ...model, macs_dtype: 'uint8' } })
  expect(roofline.mfu).toBeNull()
  expect(unmeasured[0]!.reason).toContain('uint8')
})

test('FLOPs that are not known give nothing, with the reason', () => {
  const unknown = { ...model, macs: null, flops: null, macs_unknown: 'a shape depends on data' } as ModelFacts
  const { roofline, unmeasured } = of({ ceilings: host, model: unknown })
  expect(roofline).toMatchObject({ flops_per_s: null, mfu: null, arithmetic_intensity: null })
  expect(unmeasured).toEqual([expect.objectContaining({ what: 'flops_per_s', reason: 'a shape depends on data' })])
  const endpoint = of({ ceilings: host, model: undefined as never })
  expect(endpoint.roofline).toMatchObject({ flops_per_s: null, mfu: null, memory: [] })
  expect(endpoint.unmeasured).toEqual([expect.objectContaining({ what: 'flops_per_s' })])
})

test('intensity is of a whole request', () => {
  expect(of({ ceilings: host, batch: 4 }).roofline.arithmetic_intensity).toMatchObject({
    value: 4e9 / 125e6,
    unit: 'FLOP/B',
  })
})

test('weights beyond the cache bound the traffic from below; those within it bound nothing', () => {
  expect(of({ ceilings: host }).roofline.memory).toEqual([
    expect.objectContaining({
      kind: 'computed',
      bytes_per_s: expect.objectContaining({ value: 68e6 * 50, high: null }),
      share: expect.objectContaining({ value: (68e6 * 50) / 25e9, high: null }),
      of: 'read, 2 threads',
    }),
  ])
  expect(of({ ceilings: { ...host, last_level_cache_bytes: 200e6 } }).roofline.memory).toEqual([])
  expect(of({ ceilings: { ...host, last_level_cache_bytes: null } }).roofline.memory).toEqual([])
  expect(of({}).roofline.memory).toEqual([])
})

test('a share of more than all is told, not cut', () => {
  const { mfu } = of({ ceilings: host, rate: 300 }).roofline
  expect(mfu!.value).toBe(1.5)
  expect(hasCaution(mfu, 'above-ceiling')).toBe(true)
  const disturbed = {
    ...host.compute[1]!,
    flops_per_s: { ...figure(200e9), cautions: [{ code: 'disturbed', text: 'x' }] },
  } as const
  expect(hasCaution(of({ ceilings: { ...host, compute: [disturbed] } }).roofline.mfu, 'disturbed')).toBe(true)
})

test('one counter of all traffic serves where reads and writes are not told apart', () => {
  const cpu = { memory_traffic_bytes_per_s: figure(10e9) }
  expect(of({ ceilings: { ...host, last_level_cache_bytes: null }, counted: { cpu } }).roofline.memory).toEqual([
    expect.objectContaining({ kind: 'counted', share: expect.objectContaining({ value: 0.4 }) }),
  ])
})

test('what hardware counted stands as counted', () => {
  const cpu = { memory_read_bytes_per_s: figure(4e9, 3e9, 5e9), memory_write_bytes_per_s: figure(1e9) }
  const devices = [{ device: 'GPU-0', figures: { dram_utilization: { ...figure(0.4), unit: 'ratio' } } }]
  const { memory } = of({
    ceilings: { ...host, last_level_cache_bytes: null },
    gpus: ['NVIDIA H100 80GB HBM3'],
    counted: { cpu, devices },
  }).roofline
  expect(memory).toEqual([
    expect.objectContaining({ kind: 'counted', share: expect.objectContaining({ value: 5 / 25, low: 4 / 25 }) }),
    expect.objectContaining({
      device: 'GPU-0',
      bytes_per_s: expect.objectContaining({ value: 0.4 * 3350e9, unit: 'B/s' }),
      of: 'H100 SXM memory',
    }),
  ])
})
