// From the files of a card to the sections of the document that are made of them.
import { expect, test } from 'vitest'
import { analyseEnergy, type EnergyReadings } from '../analysis/energy/energy.ts'
import { channelSeries } from '../analysis/channels/channel-series.ts'
import { deviceFigures } from '../analysis/hardware/device-figures.ts'
import { analyseThermal } from '../analysis/hardware/thermal.ts'
import { virtualHost, type VirtualMachine } from '../host/virtual-host.ts'
import type { Manifest } from '../run/manifest.ts'
import type { Measured } from '../run/source.ts'
import { noRows, allocateSamples } from '../run/table.ts'
import { sensorOf } from '../../test/fixtures/opened-sensor.ts'
import { openAmdgpu } from './amdgpu/amdgpu.ts'
import { table } from './amdgpu/virtual-table.ts'
import { openIntelGpu } from './intel-gpu/intel-gpu.ts'
import type { PolledSensor } from './sensor.ts'

type Files = NonNullable<VirtualMachine['files']>

const device = '/sys/class/drm/card0/device'

/** Ten seconds at 10 Hz; `set` sets the files before each reading. */
function run(sensor: PolledSensor, set: (s: number) => void): Measured {
  const rows: (readonly [channel: number, t: number, value: number])[] = []
  for (let i = 0; i <= 100; i++) {
    set(i / 10)
    sensor.read(i * 1e8, { put: (channel, t, value) => void rows.push([channel, t, value]) })
  }
  const chunk = allocateSamples(rows.length)
  rows.forEach(([channel, t, value], index) => {
    chunk.channel[index] = channel
    chunk.t[index] = t
    chunk.value[index] = value
  })
  const manifest = { channels: sensor.channels, unmeasured: sensor.lacks ?? [] } as unknown as Manifest
  return { manifest, ...noRows(), samples: [chunk], events: [] }
}

const readingsOf = (measured: Measured): EnergyReadings => ({
  series: channelSeries(measured),
  events: measured.events,
  unmeasured: measured.manifest.unmeasured,
})

const window = { from: 1e9, to: 9e9, inferences: 80, flopsPerInference: null }
const none = {
  ns: new Float64Array(),
  at: new Float64Array(),
  request: new Float64Array(),
  stream: new Uint16Array(),
}

test('AMD: joules by the card’s counter, time held back by its power limit, busy shares and traffic', () => {
  const files: Files = {
    [`${device}/vendor`]: '0x1002',
    [`${device}/device`]: '0x74a1',
    [`${device}/uevent`]: 'DRIVER=amdgpu\nPCI_SLOT_NAME=0000:05:00.0\n',
  }
  let s = 0
  files[`${device}/gpu_metrics`] = () =>
    table('1.8/3872', {
      curr_socket_power: 600,
      temperature_hotspot: 60 + Math.round(s),
      average_gfx_activity: 90,
      energy_accumulator: Math.round(65536 * 600 * s),
      accumulation_counter: Math.round(1000 * s),
      ppt_residency_acc: Math.round(250 * s),
      prochot_residency_acc: 0,
      xgmi_read_data_acc: Math.round(5e6 * s),
      current_gfxclk: 2100,
    }).toString('latin1')
  const measured = run(sensorOf(openAmdgpu(virtualHost({ files }))), (now) => (s = now))
  const { power, energy } = analyseEnergy(readingsOf(measured), window)
  expect(power.gpu_w!.value).toBeCloseTo(600, 3)
  expect(power.gpu_w!.grade).toBe('B')
  expect(energy.total_j!.value).toBeCloseTo(4800, 2)
  const thermal = analyseThermal(measured, window, none)!
  expect(thermal.temperatures[0]).toMatchObject({ start: 61, max: 69 })
  expect(thermal.throttled.map(({ reason, share }) => [reason, share!.value])).toEqual([
    ['power', expect.closeTo(0.25, 3)],
  ])
  const { figures } = deviceFigures(channelSeries(measured), window)[0]!
  expect(figures['utilization']!.value).toBeCloseTo(0.9, 6)
  expect(figures['xgmi_read_per_s']!.value).toBeCloseTo(5e9, -3)
})

test('Intel: joules of the card alone, reasons by their share of the readings, time awake', () => {
  const files: Files = {
    [`${device}/vendor`]: '0x8086',
    [`${device}/device`]: '0xe20b',
    [`${device}/uevent`]: 'DRIVER=xe\nPCI_SLOT_NAME=0000:03:00.0\n',
    [`${device}/hwmon/hwmon1/name`]: 'xe',
    [`${device}/tile0/gt0/freq0/throttle/reason_pl1`]: '1',
  }
  const set = (s: number): void => {
    files[`${device}/hwmon/hwmon1/energy1_input`] = String(Math.round(150e6 * s))
    files[`${device}/hwmon/hwmon1/energy2_input`] = String(Math.round(110e6 * s))
    files[`${device}/tile0/gt0/gtidle/idle_residency_ms`] = String(Math.round(200 * s))
    files[`${device}/tile0/gt0/freq0/throttle/status`] = s > 5 ? '1' : '0'
  }
  set(0)
  const measured = run(sensorOf(openIntelGpu(virtualHost({ files }))), set)
  const { power, energy } = analyseEnergy(readingsOf(measured), window)
  expect(power.gpu_w!.value).toBeCloseTo(150, 3)
  expect(energy.total_j!.value).toBeCloseTo(1200, 2)
  const thermal = analyseThermal(measured, window, none)!
  expect(thermal.throttled).toEqual([expect.objectContaining({ reason: 'power-cap', thermal: false })])
  expect(thermal.throttled[0]!.share!.value).toBeCloseTo(0.5, 1)
  const { figures } = deviceFigures(channelSeries(measured), window)[0]!
  expect(figures['active']!.value).toBeCloseTo(0.8, 6)
})
