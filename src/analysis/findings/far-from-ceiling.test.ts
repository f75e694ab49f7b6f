import { expect, test } from 'vitest'
import type { RunDocument } from '../../run/document.ts'
import type { UtilizationSection } from '../../run/sections/hardware.ts'
import { farFromCeiling } from './far-from-ceiling.ts'
import type { FindingInput } from './finding.ts'

const figure = (value: number) => ({ value, low: value, high: value, n: 1 })
const utilization = (mfu: number, bandwidth: number): Partial<UtilizationSection> => ({
  mfu: figure(mfu),
  flops_per_s: figure(mfu * 200e9),
  peak: {
    name: 'engine Conv',
    origin: 'measured',
    how: '',
    provider: 'cpu',
    precision: 'float32',
    flops_per_s: figure(200e9),
  },
  arithmetic_intensity: figure(2),
  memory: [{ kind: 'computed', bytes_per_s: null, share: figure(bandwidth), of: 'read', how: '' }],
})
const find = (
  used: Partial<UtilizationSection>,
  rest: { readonly mode?: string; readonly threads?: number | null } = {},
) =>
  farFromCeiling.find({
    document: {
      load: { mode: rest.mode ?? 'closed', concurrency: 1 },
      target: { instances: 1, threads: rest.threads ?? null },
      host: { cpu_quota: null, cpus_allowed: 8 },
      utilization: used,
    } as unknown as RunDocument,
  } as unknown as FindingInput)

test('told with its share, and with memory where its bandwidth is nearly used up', () => {
  expect(find(utilization(0.12, 0.7))).toMatchObject({
    title:
      'the model reaches 12 % of what this engine does on this host (24.0 GFLOP/s of 200 GFLOP/s), and takes at least 70 % of the memory bandwidth',
    evidence: { mfu: 0.12, bandwidth_share: 0.7 },
  })
  expect(find(utilization(0.12, 0.2))!.title).not.toContain('memory')
})

test('silent where the target may have been idle, was given few threads, or is well used', () => {
  expect(find(utilization(0.6, 0.2))).toBeUndefined()
  expect(find(utilization(0.12, 0.2), { mode: 'open' })).toBeUndefined()
  expect(find(utilization(0.12, 0.2), { threads: 2 })).toBeUndefined()
  expect(find(utilization(0.12, 0.2), { threads: 8 })).toBeDefined()
})

test('a table is no evidence of what the engine does', () => {
  const used = utilization(0.12, 0.2)
  expect(find({ ...used, peak: { ...used.peak!, origin: 'table' } })).toBeUndefined()
  expect(find({ ...used, mfu: null, peak: null })).toBeUndefined()
})
