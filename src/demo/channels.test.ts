// A demo run has the channels that our sensors list on such a machine, every property of them; held here against those
// sensors on virtual hosts.
import { expect, test } from 'vitest'
import { virtualHost, type VirtualHost } from '../host/virtual-host.ts'
import { virtualPerf } from '../host/virtual-perf.ts'
import type { Channel } from '../run/channel.ts'
import { monitors } from '../../test/fixtures/hosts/files.ts'
import { sensorOf } from '../../test/fixtures/opened-sensor.ts'
import { openHwmon } from '../sensors/hwmon/hwmon.ts'
import { gpmMetrics, openGpm } from '../sensors/nvml/gpm.ts'
import { fields, fieldValue, gpmMetric, gpmMetricsGet, scopes } from '../sensors/nvml/layout.ts'
import { openNvml } from '../sensors/nvml/nvml.ts'
import { openProcfs } from '../sensors/procfs/procfs.ts'
import { countChannels } from '../sensors/perf-event/channels.ts'
import { taskSets } from '../sensors/perf-event/events.ts'
import { openRapl } from '../sensors/rapl/rapl.ts'
import { wallMeter } from '../sensors/http-meter/wall-meter.ts'
import { systematic } from '../sensors/shelly/shelly.ts'
import type { Board } from './board.ts'
import { a100 } from './boards/a100.ts'
import { h100 } from './boards/h100.ts'
import {
  gpmChannels,
  gpuDevice,
  hwmonChannels,
  meterChannels,
  meterDevice,
  nvmlChannels,
  perfEventChannels,
  procfsChannels,
  raplChannels,
  syntheticSensor,
} from './channels.ts'

const synthetic = (channels: readonly Channel[]): readonly Channel[] =>
  channels.map((channel) => ({ ...channel, sensor: syntheticSensor, origin: 'synthetic' }))

const byId = (channels: readonly Channel[]): readonly Channel[] => [...channels].sort((a, b) => (a.id < b.id ? -1 : 1))

/** A driver that gives all that the board has. */
function driver(board: Board): VirtualHost {
  const number = (_: unknown, ...rest: unknown[]): number => (((rest.at(-1) as number[])[0] = 1), 0)
  const text =
    (value: string) =>
    (_: unknown, buffer: Buffer): number => (buffer.write(`${value}\0`, 'latin1'), 0)
  const { average, memoryPower, gpm } = board.gpu.sensor
  const answers = (field: number, scope: number): boolean => {
    if (field === fields.pcieSent || field === fields.pcieReceived || scope === scopes.module) return false
    if (field === fields.powerAverage) return average
    return scope !== scopes.memory || memoryPower
  }
  let sample = 0
  return virtualHost({
    libraries: {
      'libnvidia-ml.so.1': {
        nvmlInit_v2: () => 0,
        nvmlShutdown: () => 0,
        nvmlDeviceGetCount_v2: (count: number[]) => ((count[0] = 1), 0),
        nvmlDeviceGetHandleByIndex_v2: (_: number, cell: unknown[]) => ((cell[0] = 'device'), 0),
        nvmlDeviceGetName: text(board.gpu.name),
        nvmlDeviceGetUUID: text(gpuDevice(board)),
        nvmlDeviceGetFieldValues: (_: string, count: number, values: Buffer) => {
          for (let i = 0; i < count; i++) {
            const base = i * fieldValue.size
            const known = answers(
              values.readUInt32LE(base + fieldValue.fieldId),
              values.readUInt32LE(base + fieldValue.scopeId),
            )
            values.writeInt32LE(known ? 0 : 3, base + fieldValue.status)
            values.writeInt32LE(3, base + fieldValue.valueType)
            values.writeBigUInt64LE(1000n, base + fieldValue.value)
          }
          return 0
        },
        nvmlDeviceGetTemperature: number,
        nvmlDeviceGetClockInfo: number,
        nvmlDeviceGetUtilizationRates: () => 0,
        nvmlDeviceGetCurrentClocksEventReasons: number,
        nvmlDeviceGetMemoryInfo_v2: () => 0,
        nvmlDeviceGetCurrPcieLinkGeneration: number,
        nvmlDeviceGetCurrPcieLinkWidth: number,
        nvmlDeviceGetProcessUtilization: () => 6,
        nvmlDeviceGetComputeRunningProcesses_v3: () => 0,
        nvmlGpmQueryDeviceSupport: (_: string, support: Buffer) => (support.writeUInt32LE(gpm ? 1 : 0, 4), 0),
        nvmlGpmSampleAlloc: (cell: number[]) => ((cell[0] = ++sample), 0),
        nvmlGpmSampleFree: () => 0,
        nvmlGpmSampleGet: () => 0,
        nvmlGpmMetricsGet: (request: Buffer) => {
          for (let i = 0; i < request.readUInt32LE(gpmMetricsGet.numMetrics); i++) {
            const base = gpmMetricsGet.metrics + i * gpmMetric.size
            // A PCIe card without a bridge has no NVLink.
            const nvlink = request.readUInt32LE(base + gpmMetric.metricId) >= 60
            request.writeInt32LE(nvlink ? 3 : 0, base + gpmMetric.nvmlReturn)
          }
          return 0
        },
      },
    },
  })
}

test.each([h100, a100])('those of NVML, for $name', (board) => {
  const sensor = sensorOf(openNvml(driver(board), { watched: new SharedArrayBuffer(16) }))
  expect(nvmlChannels(board)).toEqual(synthetic(sensor.channels))
})

test('those of GPM, each of our metrics but NVLink', async () => {
  const sensor = sensorOf(await openGpm(driver(h100), async () => undefined))
  expect(gpmChannels(h100)).toEqual(synthetic(sensor.channels))
  expect(sensor.channels).toHaveLength(gpmMetrics.length - 2)
})

test('a board without GPM has none', async () => {
  expect(await openGpm(driver(a100), async () => undefined)).toMatchObject({
    ok: false,
    reason: expect.stringContaining('GPM'),
  })
  expect(gpmChannels(a100)).toEqual([])
})

test('those of RAPL on two sockets, by the perf PMU and by powercap', () => {
  const root = '/sys/class/powercap'
  const pmu = '/sys/bus/event_source/devices/power'
  let moved = 0
  const zone = (path: string, name: string): Record<string, string | (() => string)> => ({
    [`${root}/${path}/name`]: name,
    [`${root}/${path}/max_energy_range_uj`]: '262143328850',
    [`${root}/${path}/energy_uj`]: () => String((moved += 1000)),
  })
  const socket = (cpu: number, id: string): Record<string, string> => ({
    [`/sys/devices/system/cpu/cpu${cpu}/topology/physical_package_id`]: id,
    [`/sys/devices/system/cpu/cpu${cpu}/topology/die_id`]: '0',
  })
  const event = (name: string, code: number): Record<string, string> => ({
    [`${pmu}/events/energy-${name}`]: `event=0x0${code}`,
    [`${pmu}/events/energy-${name}.scale`]: '2.3283064365386962890625e-10',
  })
  let count = 0n
  const perf = virtualPerf(() => () => (count += 1n << 32n))
  const opened = openRapl(
    virtualHost({
      libraries: { 'libc.so.6': perf.libc },
      files: {
        ...zone('intel-rapl:0', 'package-0'),
        ...zone('intel-rapl:0:0', 'dram'),
        ...zone('intel-rapl:1', 'package-1'),
        ...zone('intel-rapl:1:0', 'dram'),
        ...zone('intel-rapl:2', 'psys'),
        [`${pmu}/type`]: '9',
        [`${pmu}/cpumask`]: '0,56',
        [`${pmu}/format/event`]: 'config:0-7',
        ...event('pkg', 2),
        ...event('ram', 3),
        ...event('psys', 5),
        ...socket(0, '0'),
        ...socket(56, '1'),
      },
    }),
  )
  if (!opened.ok) throw new Error(opened.reason)
  expect(byId(raplChannels)).toEqual(byId(synthetic(opened.sensor.channels)))
})

test('those of /proc, of the processor’s events and of a meter at the wall', () => {
  const files = {
    '/proc/stat': 'cpu  1 0 1 9 0 0 0 0 0 0\n',
    '/proc/self/sched': 'nr_voluntary_switches : 1\nnr_involuntary_switches : 1\nse.nr_migrations : 1\n',
  }
  // What else is counted there the demo does not draw.
  const { channels } = openProcfs(virtualHost({ files }), { self: 1 })
  expect(synthetic(channels)).toEqual(expect.arrayContaining([...procfsChannels]))
  const events = [taskSets[0]!, taskSets[1]!].flatMap((set) => countChannels('target', set))
  expect(perfEventChannels).toEqual(synthetic(events))
  const meter = wallMeter({
    sensor: 'shelly',
    device: meterDevice,
    systematic,
    hasCounter: true,
    request: async () => {
      throw new Error('not asked')
    },
  })
  expect(meterChannels).toEqual(synthetic(meter.channels))
})

test('those of the hardware monitors: the temperature of each package', () => {
  const chip = (socket: number): Record<string, string> => ({
    name: 'coretemp',
    temp1_label: `Package id ${socket}`,
    temp1_input: '45000',
  })
  const opened = openHwmon(virtualHost({ files: monitors(chip(0), chip(1)) }))!
  expect(hwmonChannels).toEqual(synthetic(opened.sensor.channels))
})
