// The NVML sensor through the real foreign-function interface, on a library compiled here: values, units, and a GPU that is
// lost in mid-run.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { realHost } from '../dist/host/real-host.js'
import { fieldValue, utilisation } from '../dist/sensors/nvml/layout.js'
import { nvml, openNvml } from '../dist/sensors/nvml/nvml.js'
import { findProgram, needs } from './requirement.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-nvml-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const library = join(scratch, 'libfake-nvml.so')
const gcc = findProgram('gcc', 'cc')

const koffi = ((): boolean => {
  try {
    createRequire(import.meta.url).resolve('koffi')
    return true
  } catch {
    return false
  }
})()
const withCompiler = needs('gcc', gcc !== undefined && koffi, 'no C compiler on PATH, or koffi is not installed')

if (gcc && koffi) {
  const source = join(import.meta.dirname, 'fixtures/nvml/fake-nvml.c')
  const built = spawnSync(gcc, ['-shared', '-fPIC', '-o', library, source], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(built.stderr)
}

const host = { ...realHost(), env: (name: string) => (name === 'TAILWATT_NVML' ? library : process.env[name]) }

withCompiler('offsets are what a C compiler makes of the header', () => {
  const loaded = host.loadLibrary([library])
  if (!loaded.ok) throw new Error(loaded.reason)
  const text = Buffer.alloc(128)
  loaded.library.bind('void layouts(void *out, unsigned int length)')!(text, text.length)
  expect(text.toString('latin1', 0, text.indexOf(0)).split(' ').map(Number)).toEqual([
    fieldValue.size,
    fieldValue.scopeId,
    fieldValue.timestamp,
    fieldValue.valueType,
    fieldValue.status,
    fieldValue.value,
    utilisation.size,
  ])
})

withCompiler('gives joules, watts, degrees, clocks and shares; falls back where a field is not supported', async () => {
  expect(await nvml.probe(host)).toMatchObject({ ok: true, note: '2 GPUs' })
  const sensor = openNvml(host)
  const values = new Map<string, number>()
  sensor.read(1, { put: (channel, _, value) => values.set(sensor.channels[channel]!.id, value) })
  expect(values.get('nvml/GPU-fake-0/energy')).toBe(1030)
  expect(values.get('nvml/GPU-fake-0/power')).toBe(300)
  expect(values.get('nvml/GPU-fake-1/power')).toBe(250)
  expect(values.get('nvml/GPU-fake-0/temperature')).toBe(61)
  expect(values.get('nvml/GPU-fake-0/clock-sm')).toBe(1980)
  expect(values.get('nvml/GPU-fake-0/utilisation')).toBe(0.87)
  sensor.close()
})

withCompiler('a GPU that is lost in mid-run ends its own channels; the other goes on', () => {
  // Set in the C library's own environment, which Node's process.env does reach.
  process.env['FAKE_NVML_LOSE_AFTER'] = '3'
  const sensor = openNvml(host)
  const counts = new Map<string, number>()
  const outcomes: string[] = []
  for (let i = 0; i < 6; i++) {
    outcomes.push(
      sensor.read(i * 1e8, {
        put: (channel) => {
          const { device } = sensor.channels[channel]!
          counts.set(device!, (counts.get(device!) ?? 0) + 1)
        },
      }),
    )
  }
  sensor.close()
  delete process.env['FAKE_NVML_LOSE_AFTER']
  expect(new Set(outcomes)).toEqual(new Set(['ok']))
  expect(counts.get('GPU-fake-0')).toBe(36)
  expect(counts.get('GPU-fake-1')).toBe(18)
})
