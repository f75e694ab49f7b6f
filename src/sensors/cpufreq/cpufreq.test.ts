import { expect, test } from 'vitest'
import { clocks, cpusOf, folder, processor, type Files } from '../../../test/fixtures/hosts/files.ts'
import { systemError, virtualHost, type VirtualHost } from '../../host/virtual-host.ts'
import type { PolledSensor } from '../sensor.ts'
import { coresOf } from './cores.ts'
import { cpufreq, openCpufreq } from './cpufreq.ts'

const cpus = cpusOf(2, 2)
const about = { vendor: 'GenuineIntel', model: 'Xeon', flags: 'fpu' }
const cpu = '/sys/devices/system/cpu'
const machine = (files: Files): VirtualHost => virtualHost({ files: { ...processor(cpus, about), ...files } })
const kilohertz = (values: readonly (number | string | Error)[]): Files =>
  Object.assign({}, ...values.map((value, i) => folder(`${cpu}/cpu${i}/cpufreq`, { scaling_cur_freq: value })))

function readings(sensor: PolledSensor, at = 0): Record<string, number> {
  const values: Record<string, number> = {}
  sensor.read(at, { put: (index, _, value) => (values[sensor.channels[index]!.id] = value) })
  return values
}

test('one CPU of each core stands for it, by package', () => {
  expect(coresOf(machine({}))).toEqual([
    { cpu: 0, package: 0 },
    { cpu: 1, package: 0 },
    { cpu: 2, package: 1 },
    { cpu: 3, package: 1 },
  ])
  // Where the first thread is offline, the second stands for the core.
  const host = machine({ [`${cpu}/online`]: '1-7\n' })
  expect(coresOf(host).map((core) => core.cpu)).toEqual([1, 2, 3, 4])
})

test('each package has the mean and the highest of its cores’ clocks', () => {
  const sensor = openCpufreq(machine(kilohertz([3_000_000, 2_000_000, 3_500_000, 3_700_000, 9, 9, 9, 9])))!
  expect(readings(sensor)).toEqual({
    'cpufreq/package-0/clock': 2500,
    'cpufreq/package-0/clock-max': 3000,
    'cpufreq/package-1/clock': 3600,
    'cpufreq/package-1/clock-max': 3700,
  })
})

test('cores that answer nothing, or nonsense, are left out of the mean', () => {
  const host = machine(kilohertz([3_000_000, 0, 3_500_000, '<unknown>']))
  expect(readings(openCpufreq(host)!)).toMatchObject({
    'cpufreq/package-0/clock': 3000,
    'cpufreq/package-1/clock': 3500,
  })
  const some = machine(kilohertz([3_000_000, 2_000_000, 3_500_000, 3_700_000]))
  const sensor = openCpufreq(some)!
  some.machine.files[`${cpu}/cpu1/cpufreq/scaling_cur_freq`] = systemError('EBUSY', 'scaling_cur_freq')
  expect(readings(sensor)['cpufreq/package-0/clock']).toBe(3000)
  for (const i of [0, 2, 3]) some.machine.files[`${cpu}/cpu${i}/cpufreq/scaling_cur_freq`] = 'N/A'
  expect(readings(sensor)).toEqual({})
})

test('a kernel that has only the average clock gives that', () => {
  const host = machine(folder(`${cpu}/cpu0/cpufreq`, { cpuinfo_avg_freq: 2_345_000 }))
  expect(readings(openCpufreq(host)!)['cpufreq/package-0/clock']).toBe(2345)
})

test('throttling counts from the first reading: of the package the largest, of the cores the mean', () => {
  const files = clocks(cpus, 'intel_pstate', 2_000_000, true)
  const host = machine(files)
  const sensor = openCpufreq(host)!
  readings(sensor)
  const set = (i: number, name: string, value: number): void => {
    host.machine.files[`${cpu}/cpu${i}/thermal_throttle/${name}`] = `${value}\n`
  }
  set(0, 'package_throttle_total_time_ms', 1733)
  set(1, 'package_throttle_total_time_ms', 2733)
  set(0, 'core_throttle_total_time_ms', 441)
  expect(readings(sensor, 1e9)).toMatchObject({
    'cpufreq/package-0/throttle-thermal-package': 2,
    'cpufreq/package-0/throttle-thermal-package-count': 0,
    'cpufreq/package-0/throttle-thermal-core': expect.closeTo(0.2, 9),
    'cpufreq/package-1/throttle-thermal-package': 0,
  })
  // One that is silent for a while would make the sum fall: there is no reading until it answers again.
  host.machine.files[`${cpu}/cpu1/thermal_throttle/core_throttle_total_time_ms`] = ''
  expect(readings(sensor, 2e9)).not.toHaveProperty('cpufreq/package-0/throttle-thermal-core')
})

test('a kernel that knows no times of throttling gives its occurrences', () => {
  const files = clocks(cpus, 'acpi-cpufreq', 2_000_000, true)
  for (const path of Object.keys(files)) if (path.endsWith('_time_ms')) delete files[path]
  const host = machine(files)
  const sensor = openCpufreq(host)!
  readings(sensor)
  host.machine.files[`${cpu}/cpu1/thermal_throttle/core_throttle_count`] = '8\n'
  expect(readings(sensor, 1e9)).toMatchObject({
    'cpufreq/package-0/throttle-thermal-core-count': 5,
    'cpufreq/package-0/throttle-thermal-package-count': 0,
  })
  expect(sensor.channels.map(({ id }) => id)).not.toContain('cpufreq/package-0/throttle-thermal-core')
})

test('the probe tells a virtual machine from a kernel without cpufreq, and what a processor lacks', async () => {
  expect(await cpufreq.open(machine({}), {})).toMatchObject({
    ok: false,
    reason: 'the kernel shows no clocks (cpufreq)',
  })
  const guest = virtualHost({ files: processor(cpus, { ...about, flags: 'fpu hypervisor' }) })
  expect(await cpufreq.open(guest, {})).toMatchObject({ ok: false, remedy: 'measure on the physical host' })
  expect(await cpufreq.open(machine(clocks(cpus, 'amd-pstate-epp', 4e6, false)), {})).toMatchObject({
    ok: true,
    note: 'clocks (amd-pstate-epp); no throttle counters: only Intel’s processors have them',
  })
})
