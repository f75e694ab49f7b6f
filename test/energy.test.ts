// Power through the whole of a measurement: a meter of known power on the sampler thread, the phases without load around a
// target, and what the document says of it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { module, openRun, profile, type ProfileOptions, type RunDocument } from '../dist/index.js'

const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-energy-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const fixture = (path: string): string => pathToFileURL(join(import.meta.dirname, 'fixtures', path)).href
const meter = (options: Readonly<Record<string, unknown>>) => ({ kind: fixture('sensors/wall-meter.mjs'), options })
const run = (options: Partial<ProfileOptions>) =>
  profile({
    target: module(fixture('targets/steady.mjs'), { ms: 2 }),
    out: scratch,
    cold: 1,
    for: '3s',
    includeWarmup: true,
    ...options,
  })
const phasesOf = async (folder: string): Promise<readonly string[]> =>
  (await (await openRun(folder)).measured()).events
    .filter((event) => event.kind === 'phase')
    .map((event) => `${(event.data as { name: string }).name} ${(event.data as { edge: string }).edge}`)

test('a meter of known power gives its power, grade A, within 2 %, in an interval no wider than 5 %', async () => {
  const { folder, document } = await run({ sensors: [meter({ watts: 40 })], idle: '1s' })
  const { system_w: watts } = document.power
  expect(watts).toMatchObject({ grade: 'A', scope: 'wall' })
  expect(Math.abs(watts!.value! - 40)).toBeLessThan(0.8)
  expect((watts!.high! - watts!.low!) / watts!.value!).toBeLessThan(0.05)
  expect(watts!.low!).toBeLessThanOrEqual(40)
  expect(watts!.high!).toBeGreaterThanOrEqual(40)
  // All of it is idle power: net is nothing, within its interval.
  expect(document.energy.idle_w!.value).toBeCloseTo(40, 0)
  const net = document.energy.net_per_inference_j!
  expect(net.basis).toBe('net')
  expect(net.low!).toBeLessThanOrEqual(0)
  expect(net.high!).toBeGreaterThanOrEqual(0)
  expect(document.energy.checks!.every((check) => check.agrees)).toBe(true)
  expect(await phasesOf(folder)).toEqual([
    'characterise begin',
    'characterise end',
    'idle-before begin',
    'idle-before end',
    'load begin',
    'load end',
    'idle-after begin',
    'idle-after end',
  ])
})

test('fast readings before the load find the period of the counter', async () => {
  const { document } = await run({ sensors: [meter({ watts: 40, period: 50 })], idle: '2s', for: '1s' })
  const counter = (document as RunDocument).sensors!.find(({ channel }) => channel === 'wall-meter/energy')!
  expect(counter.period_ms!).toBeGreaterThan(45)
  expect(counter.period_ms!).toBeLessThan(55)
  expect(counter.step).toBeCloseTo(2, 3)
  expect(counter.read_us).toBeGreaterThan(0)
})

test('a window too short for the meter is said to be that, not 0 J', async () => {
  const { document } = await run({ sensors: [meter({ period: 2000 })], idle: 0, for: '1s' })
  expect(document.power.system_w?.value ?? null).toBeNull()
  expect(document.energy.per_inference_j?.value ?? null).toBeNull()
  expect(document.unmeasured.some((row) => row.what === 'system_w')).toBe(true)
})

test('without a hardware sensor, or with idle 0, no time is spent on idle', async () => {
  const estimate = await run({ sensors: [{ kind: 'model', options: {} }], for: '500ms' })
  expect(await phasesOf(estimate.folder)).toEqual(['load begin', 'load end'])
  const off = await run({ sensors: [meter({})], idle: 0, for: '500ms' })
  expect(await phasesOf(off.folder)).toEqual(['load begin', 'load end'])
  expect(off.document.energy.net_per_inference_j).toBeNull()
})
