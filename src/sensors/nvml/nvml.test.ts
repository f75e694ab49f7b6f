// The NVML sensors' logic on a library made of functions: what is listed, what a failing call leaves out.
import { expect, test } from 'vitest'
import { virtualHost, type VirtualHost } from '../../host/virtual-host.ts'
import { sensorOf } from '../../../test/fixtures/opened-sensor.ts'
import { gpm, openGpm } from './gpm.ts'
import { fieldValue, gpmMetric, gpmMetricsGet } from './layout.ts'
import { nvidiaGpus } from './facts.ts'
import { nvml, openNvml } from './nvml.ts'

type Functions = Record<string, (...args: never[]) => unknown>

const withLibrary = (functions: Functions): VirtualHost =>
  virtualHost({
    libraries: {
      'libnvidia-ml.so.1': {
        nvmlInit_v2: () => 0,
        nvmlShutdown: () => 0,
        nvmlDeviceGetCount_v2: (count: number[]) => ((count[0] = 1), 0),
        nvmlDeviceGetHandleByIndex_v2: (_index: number, cell: unknown[]) => ((cell[0] = 'device'), 0),
        ...functions,
      },
    },
  })

test('a driver with only power gives power; a failing reading is left out, a lost GPU ends the sensor', () => {
  let status = 0
  const host = withLibrary({ nvmlDeviceGetPowerUsage: (_: string, cell: number[]) => ((cell[0] = 250_000), status) })
  const sensor = sensorOf(openNvml(host))
  expect(sensor.channels.map(({ id }) => id)).toEqual(['nvml/gpu-0/power'])
  const got: number[] = []
  const out = { put: (_channel: number, _at: number, value: number) => void got.push(value) }
  expect(sensor.read(1, out)).toBe('ok')
  status = 999
  expect(sensor.read(2, out)).toBe('ok')
  status = 15
  expect(sensor.read(3, out)).toBe('ended')
  expect(got).toEqual([250])
})

test('the new throttle symbol goes before the old one', () => {
  const mask =
    (value: number) =>
    (_: string, cell: number[]): number => ((cell[0] = value), 0)
  const host = withLibrary({
    nvmlDeviceGetCurrentClocksEventReasons: mask(0x20),
    nvmlDeviceGetCurrentClocksThrottleReasons: mask(0x4),
  })
  const got: number[] = []
  sensorOf(openNvml(host)).read(1, { put: (_channel, _at, value) => void got.push(value) })
  expect(got).toEqual([0x20])
})

test('a driver without GPM is told to use dcgm-exporter', async () => {
  expect(await gpm.open(withLibrary({}), {})).toMatchObject({
    ok: false,
    reason: 'this driver has no GPM',
    remedy: expect.stringContaining('+dcgm:http'),
  })
})

test('on Windows, and without koffi, GPM says what to do', async () => {
  expect(await gpm.open(virtualHost({ platform: 'win32' }), {})).toMatchObject({
    ok: false,
    remedy: 'measure on Linux',
  })
  const reason = 'the package koffi cannot be loaded (no such module)'
  const missing = { ok: false, code: 'no-loader', reason } as const
  const host = { ...virtualHost(), loadLibrary: () => missing }
  for (const provider of [gpm, nvml])
    expect(await provider.open(host, {})).toMatchObject({ ok: false, reason, remedy: 'npm install koffi' })
})

test('a driver that knows no more than a GPU exists gives facts that are null, and no error', () => {
  const [facts] = nvidiaGpus(withLibrary({}))
  expect(facts).toMatchObject({ uuid: 'gpu-0', architecture: null, power_limit_w: null, mig: null, memory_bytes: null })
  expect(nvidiaGpus(virtualHost())).toEqual([])
})

/** A `nvmlDeviceGetFieldValues` that gives some fields, the PCIe counters, what `raw` says, as 32-bit numbers. */
const pcieFields =
  (raw: () => number, given: readonly number[] = [197, 198]) =>
  (_: string, count: number, values: Buffer): number => {
    for (let i = 0; i < count; i++) {
      const base = i * fieldValue.size
      const known = given.includes(values.readUInt32LE(base))
      values.writeInt32LE(known ? 0 : 3, base + fieldValue.status)
      values.writeInt32LE(1, base + fieldValue.valueType)
      values.writeUInt32LE(raw(), base + fieldValue.value)
    }
    return 0
  }

test('joules that show 0 once, or begin anew with the driver, are not counted again', () => {
  let raw = 5_000_000
  const sensor = sensorOf(openNvml(withLibrary({ nvmlDeviceGetFieldValues: pcieFields(() => raw, [83]) })))
  expect(sensor.channels.map(({ id }) => id)).toEqual(['nvml/gpu-0/energy'])
  const got: number[] = []
  for (const [i, millijoules] of [5_000_000, 5_010_000, 0, 5_030_000, 5_040_000, 7000, 9000].entries()) {
    raw = millijoules
    sensor.read(i * 1e8, { put: (_, __, joules) => void got.push(joules) })
  }
  expect(got).toEqual([5000, 5010, Number.NaN, 5010, Number.NaN, 5010, 5020, Number.NaN, 5020, 5022])
})

test('PCIe bytes go on over a wrap; where a second wrap is possible, the interval is unknown', () => {
  let raw = 2 ** 32 - 100
  const number =
    (value: number) =>
    (_: string, cell: number[]): number => ((cell[0] = value), 0)
  const host = withLibrary({
    nvmlDeviceGetFieldValues: pcieFields(() => raw),
    nvmlDeviceGetMaxPcieLinkGeneration: number(4),
    nvmlDeviceGetMaxPcieLinkWidth: number(16),
  })
  const sensor = sensorOf(openNvml(host))
  expect(sensor.channels.map(({ id }) => id)).toEqual(['nvml/gpu-0/pcie-tx', 'nvml/gpu-0/pcie-rx'])
  const got: (readonly [number, number])[] = []
  const read = (at: number, value: number): void => {
    raw = value
    sensor.read(at, { put: (channel, t, bytes) => void (channel === 0 && got.push([t, bytes])) })
  }
  read(0, 2 ** 32 - 100)
  read(100e6, 50)
  read(2100e6, 60)
  read(2200e6, 80)
  expect(got).toEqual([
    [0, 0],
    [100e6, 150],
    [2100e6 - 1, Number.NaN],
    [2100e6, 150],
    [2200e6, 170],
  ])
})

test('a 32-bit PCIe counter that wraps unseen at the rate it is read is not listed, and the run says why', () => {
  const number =
    (value: number) =>
    (_: string, cell: number[]): number => ((cell[0] = value), 0)
  const host = withLibrary({
    nvmlDeviceGetFieldValues: pcieFields(() => 5),
    nvmlDeviceGetPowerUsage: number(100_000),
    nvmlDeviceGetMaxPcieLinkGeneration: number(5),
    nvmlDeviceGetMaxPcieLinkWidth: number(16),
  })
  const slow = sensorOf(openNvml(host, { hz: 10 }))
  expect(slow.channels.map(({ id }) => id)).toEqual(['nvml/gpu-0/power'])
  expect(slow.lacks).toEqual(
    ['pcie-tx', 'pcie-rx'].map((name) => ({
      what: `nvml/gpu-0/${name}`,
      reason: expect.stringContaining('32 bits, which this PCIe link fills in 68 ms'),
      remedy: expect.stringContaining('gpm'),
    })),
  )
  const fast = sensorOf(openNvml(host, { hz: 20 }))
  expect(fast.lacks).toEqual([])
  expect(fast.channels.map(({ id }) => id)).toContain('nvml/gpu-0/pcie-tx')
})

test.each([
  ['Pascal, which answers with a moment', 'P100', 4, { kind: 'gauge', window_ms: 100 }],
  ['GA100, the exception', 'NVIDIA A100-SXM4-40GB', 7, { kind: 'gauge', window_ms: 25 }],
  ['Hopper, which averages a second', 'NVIDIA H100', 9, { kind: 'average', window_ms: 1000 }],
  ['a driver that does not tell the architecture', 'NVIDIA H100', undefined, { kind: 'gauge' }],
])('the window of nvmlDeviceGetPowerUsage is what NVML says of the GPU: %s', (_, name, architecture, expected) => {
  const host = withLibrary({
    nvmlDeviceGetPowerUsage: (_device: string, cell: number[]) => ((cell[0] = 250_000), 0),
    nvmlDeviceGetName: (_device: string, buffer: Buffer) => (buffer.write(`${name}\0`), 0),
    ...(architecture === undefined
      ? {}
      : { nvmlDeviceGetArchitecture: (_device: string, cell: number[]) => ((cell[0] = architecture), 0) }),
  })
  const [channel] = sensorOf(openNvml(host)).channels
  expect(channel).toMatchObject({ id: 'nvml/gpu-0/power', ...expected })
  if (architecture === undefined) expect(channel).not.toHaveProperty('window_ms')
})

/** A GPU in MIG mode with two GPU instances; the first has two compute instances. */
const divided = (more: Functions = {}): VirtualHost =>
  withLibrary({
    nvmlDeviceGetMigMode: (_: string, current: number[]) => ((current[0] = 1), 0),
    nvmlDeviceGetMaxMigDeviceCount: (_: string, count: number[]) => ((count[0] = 7), 0),
    nvmlDeviceGetMigDeviceHandleByIndex: (_: string, index: number, cell: unknown[]) =>
      index === 1 || index > 3 ? 6 : ((cell[0] = `mig-${index}`), 0),
    nvmlDeviceGetGpuInstanceId: (mig: string, cell: number[]) => ((cell[0] = mig === 'mig-3' ? 5 : 1), 0),
    nvmlDeviceGetUUID: (device: string, buffer: Buffer) => (buffer.write(`MIG-of-${device}\0`), 0),
    nvmlGpmQueryDeviceSupport: (_: string, support: Buffer) => (support.writeUInt32LE(1, 4), 0),
    nvmlGpmSampleAlloc: (cell: number[]) => ((cell[0] = 1), 0),
    nvmlGpmSampleFree: () => 0,
    // The GPU as a whole gives none.
    nvmlGpmSampleGet: () => 3,
    nvmlGpmMetricsGet: (request: Buffer) => {
      for (let i = 0; i < request.readUInt32LE(gpmMetricsGet.numMetrics); i++) {
        const base = gpmMetricsGet.metrics + i * gpmMetric.size
        request.writeInt32LE(request.readUInt32LE(base) === 5 ? 0 : 3, base + gpmMetric.nvmlReturn)
        request.writeDoubleLE(40, base + gpmMetric.value)
      }
      return 0
    },
    ...more,
  })

test('of a GPU in MIG mode GPM samples each GPU instance once', async () => {
  const asked: (readonly [string, number])[] = []
  const host = divided({
    nvmlGpmMigSampleGet: (device: string, instance: number) => (asked.push([device, instance]), 0),
  })
  expect(await gpm.open(host, {})).toMatchObject({ ok: true, note: '2 of 2 GPUs and MIG instances' })
  const sensor = sensorOf(await openGpm(host, async () => undefined))
  expect(sensor.channels.map(({ id }) => id)).toEqual(['gpm/MIG-of-mig-0/tensor', 'gpm/MIG-of-mig-3/tensor'])
  asked.length = 0
  sensor.read(0, { put: () => undefined })
  expect(asked).toEqual([
    ['device', 1],
    ['device', 5],
  ])
})

test('in MIG mode without an instance, and on a driver without such samples, GPM says so', async () => {
  expect(await gpm.open(divided({ nvmlDeviceGetMigDeviceHandleByIndex: () => 6 }), {})).toMatchObject({
    ok: false,
    reason: 'the GPUs are in MIG mode and show no GPU instance',
  })
  expect(await gpm.open(divided(), {})).toMatchObject({ ok: false, reason: expect.stringContaining('this driver') })
})

test('GPM lists what its trial pair answered, keeps more than 100 ms between samples, and ends with its GPU', async () => {
  let status = 0
  let taken = 0
  const host = withLibrary({
    nvmlGpmQueryDeviceSupport: (_: string, support: Buffer) => (support.writeUInt32LE(1, 4), 0),
    nvmlGpmSampleAlloc: (cell: number[]) => ((cell[0] = ++taken), 0),
    nvmlGpmSampleFree: () => 0,
    nvmlGpmSampleGet: () => (taken++, status),
    nvmlGpmMetricsGet: (request: Buffer) => {
      for (let i = 0; i < request.readUInt32LE(gpmMetricsGet.numMetrics); i++) {
        const base = gpmMetricsGet.metrics + i * gpmMetric.size
        const tensor = request.readUInt32LE(base) === 5
        const pending = request.readUInt32LE(base) === 10
        request.writeInt32LE(tensor ? 0 : pending ? 21 : 3, base + gpmMetric.nvmlReturn)
        request.writeDoubleLE(40, base + gpmMetric.value)
      }
      return 0
    },
  })
  const sensor = sensorOf(await openGpm(host, async () => undefined))
  // "No data" (21) may come later; "not supported" (3) never does.
  expect(sensor.channels.map(({ id }) => id)).toEqual(['gpm/gpu-0/tensor', 'gpm/gpu-0/dram-utilization'])
  const got: (readonly [number, number, number])[] = []
  const out = { put: (channel: number, at: number, value: number) => void got.push([channel, at, value]) }
  const before = taken
  for (let at = 0; at <= 600e6; at += 60e6) expect(sensor.read(at, out)).toBe('ok')
  expect(taken - before).toBe(6)
  expect(got).toEqual([120e6, 240e6, 360e6, 480e6, 600e6].map((at) => [0, at, 0.4]))
  status = 15
  expect(sensor.read(800e6, out)).toBe('ended')
})
