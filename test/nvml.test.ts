// The NVML sensor through the real foreign-function interface, on a library compiled here: values, units, and a GPU that is
// lost in mid-run.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { realHost } from '../dist/host/real-host.js'
import { gpm, openGpm } from '../dist/sensors/nvml/gpm.js'
import {
  fieldValue,
  gpmMetric,
  gpmMetricsGet,
  gpmSupport,
  processInfo,
  processSample,
  utilisation,
} from '../dist/sensors/nvml/layout.js'
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
  expect(values.get('nvml/GPU-fake-0/energy')).toBe(1060)
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
  const per = (uuid: string): number => sensor.channels.filter(({ device }) => device === uuid).length
  expect(counts.get('GPU-fake-0')).toBe(6 * per('GPU-fake-0'))
  // One reading is the trial at opening.
  expect(counts.get('GPU-fake-1')).toBe(2 * per('GPU-fake-1'))
})

function scripted(environment: Readonly<Record<string, string>>, body: () => void): void {
  Object.assign(process.env, environment)
  try {
    body()
  } finally {
    for (const name of Object.keys(environment)) delete process.env[name]
  }
}

function readOnce(sensor: ReturnType<typeof openNvml>, at = 1): Map<string, number> {
  const values = new Map<string, number>()
  sensor.read(at, { put: (channel, _, value) => void values.set(sensor.channels[channel]!.id, value) })
  return values
}

withCompiler('structures of processes and GPM are what a C compiler makes of them', () => {
  const loaded = host.loadLibrary([library])
  if (!loaded.ok) throw new Error(loaded.reason)
  const text = Buffer.alloc(128)
  loaded.library.bind('void structures(void *out, unsigned int length)')!(text, text.length)
  expect(text.toString('latin1', 0, text.indexOf(0)).split(' ').map(Number)).toEqual([
    processSample.size,
    processSample.timeStamp,
    processSample.smUtil,
    processInfo.size,
    processInfo.usedGpuMemory,
    gpmSupport.size,
    gpmMetric.size,
    gpmMetric.value,
    gpmMetricsGet.sample1,
    gpmMetricsGet.sample2,
    gpmMetricsGet.metrics,
  ])
})

withCompiler(
  'throttling by the old symbol, memory, link and the profiled process; PCIe bytes go on over a wrap',
  () => {
    const watched = new SharedArrayBuffer(16)
    new Int32Array(watched)[0] = 4711
    const sensor = openNvml(host, { watched })
    const first = readOnce(sensor)
    const second = readOnce(sensor, 2)
    sensor.close()
    const expected = {
      'power-average': 290,
      'power-memory': 42,
      'temperature-memory': 71,
      throttle: 4,
      'throttle-power': 74,
      'throttle-power-brake': 271,
      'memory-used': 7 * 2 ** 30,
      'pcie-generation': 5,
      'pcie-width': 16,
      'process-utilisation': 0.63,
      'process-memory': 3 * 2 ** 30,
    }
    for (const [name, value] of Object.entries(expected))
      expect(first.get(`nvml/GPU-fake-0/${name}`), name).toBeCloseTo(value)
    for (const name of ['pcie-tx', 'pcie-rx'])
      expect(second.get(`nvml/GPU-fake-0/${name}`)! - first.get(`nvml/GPU-fake-0/${name}`)!, name).toBe(1000)
    expect(first.has('nvml/GPU-fake-1/power-memory')).toBe(false)
    expect(sensor.channels.find(({ id }) => id === 'nvml/GPU-fake-0/power-memory')?.parent).toBe(
      'nvml/GPU-fake-0/power',
    )
  },
)

withCompiler('what is not supported is not listed: a field, and utilisation under MIG', () => {
  scripted({ FAKE_NVML_REFUSE: '83,197,utilisation' }, () => {
    const sensor = openNvml(host)
    const ids = sensor.channels.map(({ id }) => id)
    sensor.close()
    for (const name of ['energy', 'pcie-tx', 'utilisation', 'utilisation-memory'])
      expect(ids).not.toContain(`nvml/GPU-fake-0/${name}`)
    expect(ids).toContain('nvml/GPU-fake-0/pcie-rx')
  })
})

withCompiler('where only the module has power (Grace Hopper) it is named so', () => {
  scripted({ FAKE_NVML_MODULE: '1' }, () => {
    const sensor = openNvml(host)
    expect(sensor.channels.find(({ id }) => id === 'nvml/GPU-fake-0/module-power')?.scope).toBe('module')
    expect(readOnce(sensor).get('nvml/GPU-fake-0/module-power')).toBe(640)
    expect(sensor.channels.map(({ id }) => id)).not.toContain('nvml/GPU-fake-0/power')
    sensor.close()
  })
})

withCompiler('GPM gives shares and bytes a second between samples over 100 ms apart', async () => {
  expect(await gpm.probe(host)).toMatchObject({ ok: true, note: '2 of 2 GPUs' })
  const sensor = openGpm(host)
  expect(readOnce(sensor, 0).size).toBe(0)
  expect(readOnce(sensor, 50e6).size).toBe(0)
  for (const at of [150e6, 300e6]) {
    const values = readOnce(sensor, at)
    expect(values.get('gpm/GPU-fake-0/tensor')).toBe(0.05)
    expect(values.get('gpm/GPU-fake-1/nvlink-tx-rate')).toBe(61 * 2 ** 20)
    expect(values.has('gpm/GPU-fake-0/dmma')).toBe(false)
  }
  sensor.close()
})

withCompiler('without GPM the probe says what to do: no such GPU, no permission', async () => {
  process.env['FAKE_NVML_REFUSE'] = 'gpm'
  expect(await gpm.probe(host)).toMatchObject({ ok: false, remedy: expect.stringContaining('+dcgm:http') })
  process.env['FAKE_NVML_REFUSE'] = 'profiling'
  expect(await gpm.probe(host)).toMatchObject({ ok: false, remedy: expect.stringContaining('root') })
  delete process.env['FAKE_NVML_REFUSE']
})
