import { expect, test } from 'vitest'
import { folder, monitors, rising, type Files } from '../../../test/fixtures/hosts/files.ts'
import { virtualHost } from '../../host/virtual-host.ts'
import { hwmon, openHwmon } from './hwmon.ts'

/** Ids, scopes and first values. */
function read(files: Files, links: Record<string, string> = {}): readonly (readonly [string, string, number])[] {
  const opened = openHwmon(virtualHost({ files, links }))
  const rows: (readonly [string, string, number])[] = []
  opened?.sensor.read(1e9, {
    put: (index, _, value) => {
      const channel = opened.sensor.channels[index]!
      rows.push([channel.id, channel.scope, value])
    },
  })
  return rows
}

test('of a processor the package’s temperature alone is read, where it has one', () => {
  const cores = { temp2_label: 'Core 0', temp2_input: 55_000, temp3_label: 'Core 1', temp3_input: 56_500 }
  expect(read(monitors({ name: 'coretemp', temp1_label: 'Package id 1', temp1_input: 61_000, ...cores }))).toEqual([
    ['hwmon/package-1/temperature', 'package', 61],
  ])
  expect(read(monitors({ name: 'coretemp', ...cores }))).toEqual([
    ['hwmon/coretemp/temperature-Core-0', 'package', 55],
    ['hwmon/coretemp/temperature-Core-1', 'package', 56.5],
  ])
})

test('of AMD’s the measured temperature goes before the one for the fans, which goes before none', () => {
  const both = { temp1_label: 'Tctl', temp1_input: 88_000, temp2_label: 'Tdie', temp2_input: 61_000 }
  expect(read(monitors({ name: 'k10temp', ...both }))).toEqual([['hwmon/k10temp/temperature', 'package', 61]])
  expect(read(monitors({ name: 'k10temp', temp1_label: 'Tctl', temp1_input: 70_125 }))[0]![2]).toBe(70.125)
  expect(read(monitors({ name: 'k10temp', temp1_input: 45_000 }, { name: 'k10temp', temp1_input: 46_000 }))).toEqual([
    ['hwmon/k10temp/temperature', 'package', 45],
    ['hwmon/k10temp-2/temperature', 'package', 46],
  ])
})

test('what another sensor owns, and what stands there a second time, is not read', () => {
  const files: Files = {
    ...monitors(
      { name: 'amdgpu', power1_average: 200_000_000, temp1_label: 'edge', temp1_input: 50_000 },
      { name: 'xe', energy1_input: 5 },
      { name: 'i915', energy1_input: 5 },
      { name: 'power_meter', power1_average: 400_000_000 },
      { name: 'BAT0', power1_input: 20_000_000 },
      { name: 'pch_cannonlake', temp1_input: 50_000, power1_input: 1 },
    ),
    '/sys/class/power_supply/BAT0/type': 'Battery\n',
    '/sys/class/thermal/thermal_zone0/type': 'pch-cannonlake\n',
  }
  expect(openHwmon(virtualHost({ files }))).toBeUndefined()
})

test('temperatures of chips whose wiring the kernel does not know are not read', async () => {
  const files = monitors({ name: 'nct6798', temp1_label: 'AUXTIN0', temp1_input: 127_000 })
  expect(await hwmon.open(virtualHost({ files }), {})).toMatchObject({
    ok: false,
    reason: 'none of nct6798 gives what is read here',
    remedy: expect.stringContaining('modprobe'),
  })
})

test('AMD’s energy registers are its sockets’, under the names that RAPL gives them; its cores are left out', () => {
  const files = monitors({
    name: 'amd_energy',
    energy1_label: 'Ecore000',
    energy1_input: rising(1e6, 1000),
    energy2_label: 'Esocket0',
    energy2_input: rising(9e9, 2_000_000),
    energy3_label: 'Esocket1',
    energy3_input: rising(8e9, 3_000_000),
  })
  const { sensor } = openHwmon(virtualHost({ files }))!
  expect(sensor.channels.map(({ id, device, scope, grade }) => [id, device, scope, grade])).toEqual([
    ['hwmon/package-0/energy', 'package-0', 'package', 'B'],
    ['hwmon/package-1/energy', 'package-1', 'package', 'B'],
  ])
  const values: number[] = []
  for (let i = 0; i < 3; i++) sensor.read(i * 1e9, { put: (_, __, value) => void values.push(value) })
  expect(values).toEqual([0, 0, 2, 3, 4, 6])
})

test('a Jetson’s rails are volts times amperes: the module’s input is the system’s, the others lie in no total', () => {
  const files = monitors({
    name: 'ina3221',
    in1_label: 'VDD_IN',
    in1_input: 5048,
    curr1_input: 2000,
    in2_label: 'VDD_CPU_GPU_CV',
    in2_input: 5040,
    curr2_input: 800,
    in3_label: 'VDD_SOC',
    in3_input: 5040,
  })
  // The third has no current: nothing is made of it.
  expect(read(files)).toEqual([
    ['hwmon/ina3221/power-VDD_IN', 'system', 10.096],
    ['hwmon/ina3221/power-VDD_CPU_GPU_CV', 'zone', 4.032],
  ])
})

test('watts of chips that nobody knows are kept in no total; moments go before averages, averages state their window', () => {
  const files = monitors(
    { name: 'ina226', power1_input: 12_500_000, power1_average: 11_000_000 },
    { name: 'corsairpsu', power1_label: 'power total', power1_input: 182_000_000 },
    {
      name: 'zenpower',
      power1_label: 'SVI2_P_Core',
      power1_input: 40_000_000,
      temp1_label: 'Tdie',
      temp1_input: 60_000,
    },
    { name: 'ltc4282', power1_average: 55_000_000, power1_average_interval: 500 },
  )
  expect(read(files)).toEqual([
    ['hwmon/ina226/power', 'zone', 12.5],
    ['hwmon/corsairpsu/power-power-total', 'zone', 182],
    ['hwmon/zenpower/temperature', 'package', 60],
    ['hwmon/zenpower/power-SVI2_P_Core', 'zone', 40],
    ['hwmon/ltc4282/power', 'zone', 55],
  ])
  const { channels } = openHwmon(virtualHost({ files }))!.sensor
  expect(channels.at(-1)).toMatchObject({ kind: 'average', window_ms: 500, grade: 'C' })
  expect(channels[0]).toMatchObject({ kind: 'gauge' })
})

test('a drive is known by its name, and a chip that gives no number is not listed', async () => {
  const files = monitors(
    { name: 'nvme', temp1_label: 'Composite', temp1_input: 38_850 },
    { name: 'coretemp', temp1_label: 'Package id 0', temp1_input: 'N/A' },
  )
  const links = { '/sys/class/hwmon/hwmon0/device': '/sys/devices/pci0000:00/0000:00:1d.0/nvme/nvme3' }
  expect(read(files, links)).toEqual([['hwmon/nvme3/temperature', 'zone', 38.85]])
  expect(await hwmon.open(virtualHost({ files }), {})).toMatchObject({ ok: true, note: 'nvme' })
})

test('an energy counter that begins anew, or jumps further than any chip can, leaves no energy behind that was not', () => {
  let raw: number | string = 0
  const files: Files = folder('/sys/class/hwmon/hwmon0', { name: 'scmi_sensors', energy1_input: () => `${raw}\n` })
  const { sensor } = openHwmon(virtualHost({ files }))!
  const got: number[] = []
  for (const [i, next] of [5e6, 8e6, 9e17, 'N/A', 2e6, 3e6].entries()) {
    raw = next
    sensor.read(i * 1e9, { put: (_, __, value) => void got.push(value) })
  }
  expect(got).toEqual([0, 3, Number.NaN, 3, 4])
})

test('a counter that shows 0 once has not counted all of it again', () => {
  let raw = 0
  const files: Files = folder('/sys/class/hwmon/hwmon0', { name: 'scmi_sensors', energy1_input: () => `${raw}\n` })
  const { sensor } = openHwmon(virtualHost({ files }))!
  const got: number[] = []
  // 5 MJ at 3 W, for more than the 50 s in which 100 kW are as much.
  for (let s = 0; s < 100; s++) {
    raw = s === 10 ? 0 : 5e12 + s * 3e6
    sensor.read(s * 1e9, { put: (_, __, value) => void got.push(value) })
  }
  expect(got.filter((value) => Number.isNaN(value))).toHaveLength(2)
  expect(got.at(-1)).toBeLessThanOrEqual(99 * 3)
  expect(got.at(-1)).toBeGreaterThanOrEqual(96 * 3)
})

test('a chip that is slow to answer is asked less often, the others no less', () => {
  const host = virtualHost({
    files: monitors(
      { name: 'coretemp', temp1_label: 'Package id 0', temp1_input: 61_000 },
      // 10 ms of the clock at each reading, as over a slow bus.
      { name: 'pmbus', power1_input: () => (host.advance(10e6), '100000000\n') },
    ),
  })
  const { sensor } = openHwmon(host)!
  const counts = [0, 0]
  for (let i = 0; i < 100; i++) {
    host.advance(100e6)
    sensor.read(i * 100e6, { put: (index) => void counts[index]!++ })
  }
  expect(counts[0]).toBe(100)
  // At most a two-hundredth of the time goes into it.
  expect(counts[1]).toBeGreaterThanOrEqual(4)
  expect(counts[1]).toBeLessThanOrEqual(6)
})

test('a number that another chip has by now is not read under the name of the first', () => {
  const host = virtualHost({ files: monitors({ name: 'k10temp', temp1_input: 40_000 }) })
  const { sensor } = openHwmon(host)!
  const [input] = Object.keys(host.machine.files).filter((path) => path.endsWith('temp1_input'))
  const read = (): readonly number[] => {
    const values: number[] = []
    host.advance(2e9)
    sensor.read(0, { put: (_, __, value) => void values.push(value) })
    return values
  }
  expect(read()).toEqual([40])
  host.machine.files[input!] = () => {
    throw Object.assign(new Error('gone'), { code: 'ENODEV' })
  }
  expect(read()).toEqual([])
  host.machine.files[input!] = '71000\n'
  expect(read()).toEqual([])
})
