// The probes for real, in small: what they count is exact, what they find is positive, and nothing of it is asserted to be fast.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { storedCeilings } from '../dist/ceilings/cache.js'
import { knownCeilings, measureCeilings } from '../dist/ceilings/ceilings.js'
import { convModel, matmulModel } from '../dist/ceilings/engine-models.js'
import { realHost } from '../dist/host/real-host.js'
import { constant, module, onnx, openRun, profile, reportHtml } from '../dist/index.js'
import { inspectModel } from '../dist/onnx/inspect.js'
import { collect, memorySource } from '../dist/onnx/write.js'
import { needsEngine } from './requirement.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-ceilings-test-'))
process.env['TAILWATT_CACHE'] = join(scratch, 'cache')
// What is left behind of the probes' files shows here, whoever else runs them now.
process.env['TMPDIR'] = mkdtempSync(join(scratch, 'tmp-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const withEngine = needsEngine()

const quick = { burstMs: 2, bursts: 2, mostBytes: 3 * 2 ** 20 }
const host = realHost()
const steady = new URL('./fixtures/targets/steady.mjs', import.meta.url).href

test('the models that an engine is measured with cost what their shapes say', () => {
  const flops = (part: Parameters<typeof collect>[0]): number | null =>
    inspectModel(memorySource(collect(part)), { path: 'test' }).flops
  expect(flops(matmulModel({ width: 64, depth: 3 }))).toBe(3 * 2 * 64 ** 3)
  expect(flops(convModel({ images: 2, channels: 8, pixels: 10, depth: 3 }))).toBe(3 * 2 * (2 * 8 * 8 * 9 * 100))
})

withEngine('every ceiling is found, says what it is, and is kept for this host', async () => {
  const folder = join(scratch, 'kept')
  const { ceilings, unmeasured, warnings } = await measureCeilings(host, { effort: quick, folder })
  expect(unmeasured).toEqual([])
  const names = ceilings.compute.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['engine MatMul', 'engine Conv', '128-bit SIMD, 1 thread']))
  for (const { flops_per_s: rate, origin, how } of ceilings.compute) {
    expect(rate.value).toBeGreaterThan(0)
    expect(rate.low).toBeLessThanOrEqual(rate.value!)
    expect(rate.unit).toBe('FLOP/s')
    expect(how.length).toBeGreaterThan(20)
    expect(['measured', 'table']).toContain(origin)
  }
  for (const { bytes_per_s: rate } of ceilings.bandwidth) expect(rate.value).toBeGreaterThan(0)
  // Alone, and all together where there are more than one.
  const passes = ceilings.bandwidth.map(({ name, threads }) => [name.split(',')[0], threads])
  for (const loop of ['read', 'copy', 'triad']) expect(passes).toContainEqual([loop, 1])
  expect(Date.parse(ceilings.measured_at!)).toBeGreaterThan(0)
  // Kept unless somebody else had the CPUs meanwhile; beyond that nothing stays behind.
  expect(existsSync(join(folder, 'ceilings'))).toBe(warnings.length === 0)
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('tailwatt'))).toEqual([])
})

withEngine('a cache that cannot be written is a warning, and the figures are there all the same', async () => {
  const folder = join(scratch, 'blocked')
  mkdirSync(folder)
  writeFileSync(join(folder, 'ceilings'), 'in the way')
  const { ceilings, warnings } = await measureCeilings(host, { effort: quick, folder })
  expect(ceilings.compute.length).toBeGreaterThan(2)
  // Where others use the CPUs nothing is kept, and that is the warning.
  expect(warnings.join()).toMatch(/cannot be kept|are not kept/)
})

test('an abort ends it at once', async () => {
  const abort = new AbortController()
  const measuring = measureCeilings(host, { effort: quick, signal: abort.signal, folder: join(scratch, 'aborted') })
  abort.abort()
  await expect(measuring).rejects.toThrow('interrupted')
})

withEngine('a run has its FLOP/s, a peak with its origin, and both on its page', async () => {
  const known = knownCeilings(host)
  expect(known.measured_at).toBeNull()
  const target = onnx('zoo:mlp', { threads: 1 })
  const run = await profile({ target, requests: 200, cold: 1, out: join(scratch, 'runs'), sensors: [] })
  const { utilization, throughput, target: facts, ceilings, unmeasured } = run.document
  expect(ceilings).toEqual(known)
  expect(utilization!.flops_per_s!.value).toBeCloseTo(facts.model!.flops! * throughput.inferences_per_s.value!, 3)
  // A processor that is in no table has no peak until it is measured; a row says so.
  if (known.compute.length > 0) {
    expect(utilization!.peak!.origin).toBe('table')
    expect(utilization!.mfu!.value).toBe(utilization!.flops_per_s!.value! / utilization!.peak!.flops_per_s.value!)
  } else expect(unmeasured.find(({ what }) => what === 'mfu')!.remedy).toContain('--ceilings')
  const opened = await openRun(run.folder)
  expect(opened.document.utilization).toEqual(utilization)
  expect(await reportHtml(opened)).toContain('Arithmetic and memory')
  const without = await profile({
    target,
    requests: 50,
    cold: 1,
    out: join(scratch, 'runs'),
    sensors: [],
    ceilings: false,
  })
  expect(without.document.ceilings).toBeUndefined()
  expect(without.document.utilization).toMatchObject({ mfu: null, peak: null })
})

test('of what computes nobody knows what, no FLOPs are made up', async () => {
  const run = await profile({
    target: module(steady, { ms: 1 }),
    load: constant({ rate: 100 }),
    requests: 50,
    cold: 1,
    out: join(scratch, 'runs'),
    sla: ['mfu>10%'],
  })
  const { utilization, unmeasured, sla } = run.document
  expect(utilization?.flops_per_s ?? null).toBeNull()
  expect(unmeasured.some(({ what }) => what === 'flops_per_s')).toBe(true)
  expect(sla[0]).toMatchObject({ verdict: 'unsure', unmeasurable: true, reason: expect.stringContaining('not known') })
})

test('a key that was never measured has nothing kept', () => {
  const key = { cpu: 'none', threads: 1, cores: 1, quota: null, engine: null, node: 'v0' }
  expect(storedCeilings(key)).toBeUndefined()
})
