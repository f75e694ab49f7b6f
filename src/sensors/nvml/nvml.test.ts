// The NVML sensors' logic on a library made of functions: what is listed, what a failing call leaves out.
import { expect, test } from 'vitest'
import { virtualHost, type VirtualHost } from '../../host/virtual-host.ts'
import { gpm } from './gpm.ts'
import { openNvml } from './nvml.ts'

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
  const sensor = openNvml(host)
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
  openNvml(host).read(1, { put: (_channel, _at, value) => void got.push(value) })
  expect(got).toEqual([0x20])
})

test('a driver without GPM is told to use dcgm-exporter', async () => {
  expect(await gpm.probe(withLibrary({}))).toMatchObject({
    ok: false,
    reason: 'this driver has no GPM',
    remedy: expect.stringContaining('+dcgm:http'),
  })
})
