// The NVML sensor through the real foreign-function interface, on a library compiled here: values, units, and a GPU that is
// lost in mid-run.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { realHost } from '../dist/host/real-host.js'
import { sensorOf } from './fixtures/opened-sensor.ts'
import { gpm, openGpm } from '../dist/sensors/nvml/gpm.js'
import { nvidiaGpus } from '../dist/sensors/nvml/facts.js'
import * as layout from '../dist/sensors/nvml/layout.js'
import { nvml, openNvml } from '../dist/sensors/nvml/nvml.js'
import type { PolledSensor } from '../dist/sensors/sensor.js'
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
  const built = spawnSync(gcc, ['-shared', '-fPIC', '-Wall', '-Werror', '-o', library, source, '-lm'], {
    encoding: 'utf8',
  })
  if (built.status !== 0) throw new Error(built.stderr)
}

const host = { ...realHost(), env: (name: string) => (name === 'TAILWATT_NVML' ? library : process.env[name]) }

withCompiler('every size and offset of ours is what a C compiler makes of the header', () => {
  const loaded = host.loadLibrary([library])
  if (!loaded.ok) throw new Error(loaded.reason)
  const text = Buffer.alloc(4096)
  loaded.library.bind('void structures(void *out, unsigned int length)')!(text, text.length)
  const compiled: Record<string, Record<string, number>> = {}
  for (const line of text.toString('latin1', 0, text.indexOf(0)).trim().split('\n')) {
    const [structure, field, offset] = line.split(' ') as [string, string, string]
    ;(compiled[structure] ??= {})[field] = Number(offset)
  }
  const { versionTag, ...memory } = layout.memory
  expect({
    fieldValue: layout.fieldValue,
    utilization: layout.utilization,
    memory,
    memoryOld: layout.memoryOld,
    processInfo: layout.processInfo,
    processSample: layout.processSample,
    gpmSupport: layout.gpmSupport,
    gpmMetric: layout.gpmMetric,
    gpmMetricsGet: layout.gpmMetricsGet,
  }).toEqual(compiled)
  expect(versionTag).toBe(compiled['memory']!['size']! | (2 << 24))
})

withCompiler('gives joules, watts, degrees, clocks and shares; falls back where a field is not supported', async () => {
  expect(await nvml.open(host, {})).toMatchObject({
    ok: true,
    note: '2 GPUs: Fake GPU 0, Fake GPU 1, driver 590.48.01',
  })
  const sensor = sensorOf(openNvml(host))
  const values = new Map<string, number>()
  sensor.read(1, { put: (channel, _, value) => values.set(sensor.channels[channel]!.id, value) })
  expect(values.get('nvml/GPU-fake-0/energy')).toBe(1060)
  expect(values.get('nvml/GPU-fake-0/power')).toBe(300)
  expect(values.get('nvml/GPU-fake-1/power')).toBe(250)
  expect(values.get('nvml/GPU-fake-0/temperature')).toBe(61)
  expect(values.get('nvml/GPU-fake-0/clock-sm')).toBe(1980)
  expect(values.get('nvml/GPU-fake-0/utilization')).toBe(0.87)
  sensor.close()
})

withCompiler('a GPU that is lost in mid-run ends its own channels; the other goes on', () => {
  // Set in the C library's own environment, which Node's process.env does reach.
  process.env['FAKE_NVML_LOSE_AFTER'] = '3'
  const sensor = sensorOf(openNvml(host))
  const counts = new Map<string, number>()
  const outcomes: string[] = []
  for (let i = 0; i < 6; i++) {
    outcomes.push(
      // 20 Hz: at 10 Hz a 32-bit PCIe counter on such a link may wrap unseen, which is marked.
      sensor.read(i * 5e7, {
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

function readOnce(sensor: PolledSensor, at = 1): Map<string, number> {
  const values = new Map<string, number>()
  sensor.read(at, { put: (channel, _, value) => void values.set(sensor.channels[channel]!.id, value) })
  return values
}

withCompiler('throttling, memory, link and the profiled process; PCIe bytes go on over a wrap', () => {
  const watched = new SharedArrayBuffer(16)
  new Int32Array(watched)[0] = 4711
  const sensor = sensorOf(openNvml(host, { watched }))
  const first = readOnce(sensor)
  const second = readOnce(sensor, 2)
  sensor.close()
  const expected = {
    'power-average': 290,
    'power-memory': 42,
    'temperature-memory': 71,
    throttle: 0x20,
    'throttle-power': 74,
    'throttle-power-brake': 271,
    'memory-used': 7 * 2 ** 30,
    'pcie-generation': 5,
    'pcie-width': 16,
    'process-utilization': 0.63,
    'process-memory': 3 * 2 ** 30,
  }
  for (const [name, value] of Object.entries(expected))
    expect(first.get(`nvml/GPU-fake-0/${name}`), name).toBeCloseTo(value)
  for (const name of ['pcie-tx', 'pcie-rx'])
    expect(second.get(`nvml/GPU-fake-0/${name}`)! - first.get(`nvml/GPU-fake-0/${name}`)!, name).toBe(1000)
  expect(first.has('nvml/GPU-fake-1/power-memory')).toBe(false)
  expect(sensor.channels.find(({ id }) => id === 'nvml/GPU-fake-0/power-memory')?.parent).toBe('nvml/GPU-fake-0/power')
})

withCompiler('what is not supported is not listed: a field, and utilisation under MIG', () => {
  scripted({ FAKE_NVML_REFUSE: '83,197,utilization' }, () => {
    const sensor = sensorOf(openNvml(host))
    const ids = sensor.channels.map(({ id }) => id)
    sensor.close()
    for (const name of ['energy', 'pcie-tx', 'utilization', 'utilization-memory'])
      expect(ids).not.toContain(`nvml/GPU-fake-0/${name}`)
    expect(ids).toContain('nvml/GPU-fake-0/pcie-rx')
  })
})

withCompiler('where only the module has power (Grace Hopper) it is named so', () => {
  scripted({ FAKE_NVML_MODULE: '1' }, () => {
    const sensor = sensorOf(openNvml(host))
    expect(sensor.channels.find(({ id }) => id === 'nvml/GPU-fake-0/module-power')?.scope).toBe('module')
    expect(readOnce(sensor).get('nvml/GPU-fake-0/module-power')).toBe(640)
    expect(sensor.channels.map(({ id }) => id)).not.toContain('nvml/GPU-fake-0/power')
    sensor.close()
  })
})

withCompiler('a driver with old symbols only: throttle reasons and memory', () => {
  scripted({ FAKE_NVML_REFUSE: 'reasons,memory2' }, () => {
    const sensor = sensorOf(openNvml(host))
    const values = readOnce(sensor)
    expect(values.get('nvml/GPU-fake-0/throttle')).toBe(0x4)
    expect(values.get('nvml/GPU-fake-0/memory-used')).toBe(8 * 2 ** 30)
    sensor.close()
  })
})

// A square load of 100 and 500 W, 50 ms each, on sensors of two documented kinds (as A100 and V100 have them).
const waves = [
  { sensor: '100,25,1,0', power: 500, step: 30, average: 300 },
  { sensor: '20,10,1,0', power: 500, step: 30, average: 300 },
  { sensor: '100,100,0.954,-1.2', power: 285, step: 28.5, average: 285 },
]
for (const { sensor: kind, power, step, average } of waves)
  withCompiler(`shows what a sensor shows (period, window, gain, offset: ${kind}), and makes nothing up`, () => {
    const environment = {
      FAKE_NVML_LOAD: '100,500,100',
      FAKE_NVML_SENSOR: kind,
      FAKE_NVML_AVERAGE: '1000',
      FAKE_NVML_NOW_MS: '2000',
    }
    scripted(environment, () => {
      const sensor = sensorOf(openNvml(host))
      const first = readOnce(sensor)
      const period = Number(kind.split(',')[0])
      process.env['FAKE_NVML_NOW_MS'] = String(2000 + period - 1)
      const between = readOnce(sensor, 2)
      process.env['FAKE_NVML_NOW_MS'] = '2100'
      const next = readOnce(sensor, 3)
      sensor.close()
      const energy = 'nvml/GPU-fake-0/energy'
      expect(first.get('nvml/GPU-fake-0/power')).toBeCloseTo(power)
      expect(first.get('nvml/GPU-fake-0/power-average')).toBeCloseTo(average)
      expect(between.get(energy)).toBe(first.get(energy))
      expect(next.get(energy)! - first.get(energy)!).toBeCloseTo(step)
    })
  })

withCompiler('facts of each GPU; what one does not say is null', () => {
  const [first, second] = nvidiaGpus(host)
  expect(first).toEqual({
    uuid: 'GPU-fake-0',
    name: 'Fake GPU 0',
    driver: '590.48.01',
    architecture: 'Hopper',
    compute_capability: '9.0',
    power_limit_w: 700,
    max_clock_sm_mhz: 1980,
    max_clock_memory_mhz: 2619,
    memory_bytes: 80 * 2 ** 30,
    memory_bus_bits: 5120,
    max_pcie_generation: 5,
    max_pcie_lanes: 16,
    mig: false,
    ecc: true,
    persistence: true,
  })
  expect(second).toMatchObject({ uuid: 'GPU-fake-1', mig: null })
})

withCompiler('GPM gives shares and bytes a second between samples over 100 ms apart', async () => {
  expect(await gpm.open(host, {})).toMatchObject({ ok: true, note: '2 of 2 GPUs' })
  const sensor = sensorOf(await openGpm(host, async () => undefined))
  // The trial found that it is not supported.
  expect(sensor.channels.map(({ id }) => id)).not.toContain('gpm/GPU-fake-0/dmma')
  expect(readOnce(sensor, 0).size).toBe(0)
  expect(readOnce(sensor, 50e6).size).toBe(0)
  for (const at of [150e6, 300e6]) {
    const values = readOnce(sensor, at)
    expect(values.get('gpm/GPU-fake-0/tensor')).toBe(0.05)
    expect(values.get('gpm/GPU-fake-1/nvlink-tx-rate')).toBe(61 * 2 ** 20)
    expect(values.get('gpm/GPU-fake-1/fp16')).toBe(0.13)
    expect(values.size).toBe(sensor.channels.length)
  }
  sensor.close()
})

withCompiler('without GPM the probe says what to do: no such GPU, no permission', async () => {
  process.env['FAKE_NVML_REFUSE'] = 'gpm'
  expect(await gpm.open(host, {})).toMatchObject({ ok: false, remedy: expect.stringContaining('+dcgm:http') })
  process.env['FAKE_NVML_REFUSE'] = 'profiling'
  expect(await gpm.open(host, {})).toMatchObject({ ok: false, remedy: expect.stringContaining('root') })
  delete process.env['FAKE_NVML_REFUSE']
})
