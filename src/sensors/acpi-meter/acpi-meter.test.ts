import { expect, test } from 'vitest'
import { folder, type Files } from '../../../test/fixtures/hosts/files.ts'
import { virtualHost } from '../../host/virtual-host.ts'
import { acpiMeter, errorOf, openAcpiMeters } from './acpi-meter.ts'

/** Files of a meter: at the ACPI device, as kernels before 6.15 have them, or with the monitor. */
function meter(n: number, given: Record<string, string | number | Error>, at: 'device' | 'monitor' = 'device'): Files {
  const monitor = `/sys/class/hwmon/hwmon${n}`
  const files = folder(at === 'device' ? `${monitor}/device` : monitor, { power1_average: 500_000_000, ...given })
  return { ...folder(monitor, { name: 'power_meter' }), ...files }
}
const wholeMachine = (n: number): Files => ({
  [`/sys/class/hwmon/hwmon${n}/device/measures/LNXSYBUS:00/path`]: '\\_SB',
})

function opened(files: Files) {
  const result = openAcpiMeters(virtualHost({ files }))
  if (!result.ok) throw new Error(result.reason)
  return result
}

test('a meter of the whole machine is the system’s power, with the window and the error that the firmware states', () => {
  const files = meter(3, { power1_average_interval: 2000, power1_accuracy: '97.0%', power1_is_battery: 0 })
  const { sensor, note } = opened({ ...files, ...wholeMachine(3) })
  expect(sensor.channels).toEqual([
    {
      id: 'acpi-meter/system/power',
      sensor: 'acpi-meter',
      quantity: 'power',
      unit: 'W',
      kind: 'average',
      scope: 'system',
      window_ms: 2000,
      grade: 'C',
      systematic: 0.03,
    },
  ])
  const values: number[] = []
  expect(sensor.read(0, { put: (_, __, value) => void values.push(value) })).toBe('ok')
  expect(values).toEqual([500])
  expect(note).toBe('the whole machine, averaged over 2 s, ±3 %')
})

test('where its files lie does not matter, and an error that is not stated is assumed and said so', () => {
  const { sensor, note } = opened(meter(0, {}, 'monitor'))
  expect(sensor.channels[0]).toMatchObject({ scope: 'system', systematic: 0.05 })
  expect(sensor.channels[0]).not.toHaveProperty('window_ms')
  expect(note).toBe('the whole machine, ±5 % assumed')
})

test.each([
  ['95.0%', 0.05],
  ['99.50%', 0.005],
  ['1.50%', 0.015],
  ['100.0%', undefined],
  ['0.0%', undefined],
  ['N/A', undefined],
  [undefined, undefined],
])('an accuracy of %s is an error of %s', (text, share) => {
  expect(errorOf(text)).toBe(share)
})

test('Grace names its meters: module, socket and rails', () => {
  const { sensor } = opened({
    ...meter(0, { power1_oem_info: 'Module Power Socket 0' }),
    ...meter(1, { power1_oem_info: 'Grace Power Socket 0' }),
    ...meter(2, { power1_oem_info: 'CPU Power Socket 0' }),
    ...meter(3, { power1_oem_info: 'SysIO Power Socket 0' }),
  })
  expect(sensor.channels.map(({ id, scope, parent }) => [id, scope, parent])).toEqual([
    ['acpi-meter/Module-Power-Socket-0/power', 'module', undefined],
    ['acpi-meter/Grace-Power-Socket-0/power', 'package', 'acpi-meter/Module-Power-Socket-0/power'],
    ['acpi-meter/CPU-Power-Socket-0/power', 'zone', undefined],
    ['acpi-meter/SysIO-Power-Socket-0/power', 'zone', undefined],
  ])
})

test('of several meters that say nothing of what they measure none is the machine’s', () => {
  expect(opened({ ...meter(0, {}), ...meter(1, {}) }).sensor.channels.map(({ scope }) => scope)).toEqual([
    'zone',
    'zone',
  ])
  const partial = { ...meter(0, {}), '/sys/class/hwmon/hwmon0/device/measures/device:01/path': 'x' }
  expect(opened(partial).sensor.channels[0]!.scope).toBe('zone')
})

test('a value that the firmware does not know is no reading: all ones, nothing, a refusal', () => {
  let raw = '400000000'
  const files = { ...meter(0, {}), '/sys/class/hwmon/hwmon0/device/power1_average': () => `${raw}\n` }
  const { sensor } = opened(files)
  const got: number[] = []
  for (const [i, next] of ['410000000', `${0xffff_ffff * 1000}`, '0', '-1', '', '420000000'].entries()) {
    raw = next
    const outcome = sensor.read(i * 1e9, { put: (_, __, value) => void got.push(value) })
    expect(outcome).toBe(/^4[12]/.test(next) && next.length === 9 ? 'ok' : 'retry')
  }
  expect(got).toEqual([410, 420])
})

test('a battery’s meter, a silent one and none are told apart', async () => {
  const no = async (files: Files): Promise<string> => {
    const probe = await acpiMeter.open(virtualHost({ files }), {})
    return probe.ok ? 'yes' : `${probe.reason} -> ${probe.remedy}`
  }
  expect(await no(meter(0, { power1_is_battery: 1 }))).toMatch(/measures a battery -> use an external meter/)
  expect(await no(meter(0, { power1_average: 0 }))).toMatch(/gives no reading -> enable power monitoring/)
  expect(await no({})).toMatch(/no power meter -> use an external meter/)
})
