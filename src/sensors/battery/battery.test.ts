import { expect, test } from 'vitest'
import { folder, type Files } from '../../../test/fixtures/hosts/files.ts'
import { systemError, virtualHost, type VirtualHost } from '../../host/virtual-host.ts'
import { battery, openBattery } from './battery.ts'

const root = '/sys/class/power_supply'
type Given = Record<string, string | number | (() => string) | Error>
const cell = (name: string, given: Given): Files =>
  folder(`${root}/${name}`, { type: 'Battery', present: 1, status: 'Discharging', ...given })
const mains = (online: number): Files => folder(`${root}/AC`, { type: 'Mains', online })
const machine = (...parts: readonly Files[]): VirtualHost => virtualHost({ files: Object.assign({}, ...parts) })

function opened(host: VirtualHost) {
  const result = openBattery(host)
  if (!result.ok) throw new Error(result.reason)
  return result.sensor
}
const no = async (host: VirtualHost): Promise<string> => {
  const probe = await battery.open(host, {})
  return probe.ok ? 'yes' : `${probe.reason} -> ${probe.remedy}`
}
function power(host: VirtualHost): number | undefined {
  let watts: number | undefined
  opened(host).read(0, { put: (channel, _, value) => void (channel === 0 && (watts = value)) })
  return watts
}

test('power is what the gauge says, or current times voltage, whatever the sign', () => {
  expect(power(machine(cell('BAT0', { power_now: 23_400_000 }), mains(0)))).toBe(23.4)
  expect(power(machine(cell('BAT0', { power_now: -23_400_000 })))).toBe(23.4)
  expect(power(machine(cell('BAT1', { current_now: -1_500_000, voltage_now: 12_000_000 })))).toBeCloseTo(18, 9)
})

test('two batteries are one machine: what discharges is added up', () => {
  const second = { power_now: 0, status: 'Not charging' }
  expect(power(machine(cell('BAT0', { power_now: 10e6 }), cell('BAT1', second)))).toBe(10)
  expect(power(machine(cell('BAT0', { power_now: 10e6 }), cell('BAT1', { power_now: 6e6 })))).toBe(16)
})

test('the battery of a mouse, and one that is not there, is none of the machine’s', async () => {
  expect(await no(machine(cell('hidpp_battery_0', { scope: 'Device', power_now: 1 })))).toMatch(/has no battery -> /)
  expect(await no(machine(cell('BAT1', { present: 0, power_now: 1e6 })))).toMatch(/has no battery/)
})

test('on mains, charging or full, it says why it is not the machine’s power', async () => {
  expect(await no(machine(cell('BAT0', { status: 'Full', power_now: 0 }), mains(1)))).toMatch(
    /on mains \(battery: full\).* -> unplug/,
  )
  // A supply too weak for the load: both feed the machine.
  expect(await no(machine(cell('BAT0', { power_now: 9e6 }), mains(1)))).toMatch(/on mains \(battery: discharging\)/)
  expect(await no(machine(cell('BAT0', { power_now: 9e6 }), mains(2)))).toMatch(/on mains/)
  expect(await no(machine(cell('BAT0', { status: 'Charging', power_now: 30e6 })))).toMatch(
    /not what feeds.*\(charging\)/,
  )
  expect(await no(machine(cell('BAT0', { status: 'Unknown', power_now: 1 })))).toMatch(/\(unknown\)/)
  expect(await no(machine(cell('BAT0', { status: systemError('EIO', 'status') })))).toMatch(/\(unknown\)/)
  expect(await no(machine(cell('BAT0', { capacity: 80 })))).toMatch(/neither power nor current/)
})

test('energy spent is read where the gauge’s steps are, and a charge is no energy', () => {
  let left = 50_000_000
  const host = machine(cell('BAT0', { power_now: 20e6, energy_now: () => `${left}\n` }))
  const sensor = opened(host)
  const got: (readonly [number, number])[] = []
  const read = (at: number, microwattHours: number): void => {
    left = microwattHours
    sensor.read(at, { put: (channel, t, value) => void (channel === 1 && got.push([t, value])) })
  }
  read(0, 50_000_000)
  read(1e9, 50_000_000)
  read(2e9, 49_990_000)
  read(3e9, 49_980_000)
  // A step of 10 mWh is 36 J; the one after a repeated reading came half-way since.
  expect(got.map(([t, joules]) => [t, Number(joules.toFixed(6))])).toEqual([
    [1.5e9, 36],
    [3e9, 72],
  ])
  expect(
    opened(machine(cell('BAT0', { power_now: 1e6, charge_now: 3_000_000, voltage_now: 12e6 }))).channels,
  ).toHaveLength(1)
})

test('plugged in during the run there are no readings, and the interval is nobody’s; unplugged they go on', () => {
  const host = machine(cell('BAT0', { power_now: 20e6 }), mains(0))
  const sensor = opened(host)
  const got: number[] = []
  const read = (at: number, online: number): string => {
    host.machine.files[`${root}/AC/online`] = `${online}\n`
    return sensor.read(at, { put: (_, __, value) => void got.push(value) })
  }
  expect([read(0, 0), read(1e9, 1), read(2e9, 1), read(3e9, 0)]).toEqual(['ok', 'retry', 'retry', 'ok'])
  expect(got).toEqual([20, Number.NaN, Number.NaN, 20])
})
