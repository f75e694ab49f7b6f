import { expect, test } from 'vitest'
import type { Channel } from '../../run/channel.ts'
import { allocateSamples } from '../../run/table.ts'
import { LivePower } from './live-power.ts'

const joules: Channel = {
  id: 'rapl/package-0/energy',
  sensor: 'rapl',
  quantity: 'energy',
  unit: 'J',
  kind: 'counter',
  scope: 'package',
  grade: 'B',
}
const wall = { sensor: 'shelly', scope: 'wall', device: 'plug', grade: 'A' } as const

test('a meter at the wall holds all that the others see: its power alone is the live line', () => {
  const power = new LivePower([
    joules,
    { ...wall, id: 'shelly/plug/power', quantity: 'power', unit: 'W', kind: 'gauge' },
    { ...wall, id: 'shelly/plug/energy', quantity: 'energy', unit: 'J', kind: 'counter' },
  ])
  const chunk = allocateSamples(5)
  const rows = [
    [0, 0, 0],
    [1e9, 0, 65],
    [1e9, 1, 120],
    [0.5e9, 2, 0],
    [1e9, 2, 3600],
  ] as const
  rows.forEach(([t, channel, value], i) => {
    chunk.t[i] = t
    chunk.channel[i] = channel
    chunk.value[i] = value
  })
  power.add(chunk)
  expect(power.watts()).toEqual({ low: 120, high: 120, grade: 'A' })
})

test('a counter that is read more often than it updates is not at rest in between', () => {
  const power = new LivePower([joules])
  const chunk = allocateSamples(1)
  const watts = [0, 0, 5, 5, 10, 10].map((value, i) => {
    chunk.t[0] = i * 50e6
    chunk.value[0] = value
    power.add(chunk)
    return power.watts()?.high
  })
  expect(watts).toEqual([undefined, undefined, 50, 50, 50, 50])
})

test('an average counts where its device shows nothing prompter, and a check never', () => {
  const watts = { sensor: 'amdgpu', quantity: 'power', unit: 'W', scope: 'gpu', grade: 'C' } as const
  const power = new LivePower([
    { ...watts, id: 'amdgpu/a/power-average', kind: 'average', device: 'a' },
    { ...watts, id: 'amdgpu/a/power-metrics', kind: 'average', device: 'a', check: true },
    { ...watts, id: 'amdgpu/b/power', kind: 'gauge', device: 'b' },
    { ...watts, id: 'amdgpu/b/power-average', kind: 'average', device: 'b' },
  ])
  const chunk = allocateSamples(4)
  ;[200, 201, 90, 80].forEach((value, channel) => {
    chunk.t[channel] = 1e9
    chunk.channel[channel] = channel
    chunk.value[channel] = value
  })
  power.add(chunk)
  expect(power.watts()).toMatchObject({ low: 290, high: 290 })
})

test('of two sensors of the packages one counts, a rail of unknown place never, and a module holds its socket and GPU', () => {
  const watts = { quantity: 'power', unit: 'W', kind: 'gauge', grade: 'C' } as const
  const sum = (...rows: readonly (readonly [Channel, number])[]): number => {
    const power = new LivePower(rows.map(([channel]) => channel))
    const chunk = allocateSamples(rows.length)
    rows.forEach(([, value], i) => {
      chunk.t[i] = 1e9
      chunk.channel[i] = i
      chunk.value[i] = value
    })
    power.add(chunk)
    return power.watts()!.high
  }
  const of = (sensor: string, scope: Channel['scope'], device: string, rest: Partial<Channel> = {}): Channel => ({
    ...watts,
    id: `${sensor}/${device}/power`,
    sensor,
    scope,
    device,
    ...rest,
  })
  expect(
    sum(
      [of('rapl', 'package', 'package-0'), 90],
      [of('rapl', 'package', 'package-1'), 80],
      [of('hwmon', 'package', 'package-0'), 90],
      [of('hwmon', 'zone', 'ina226'), 12],
    ),
  ).toBe(170)
  expect(
    sum(
      [of('acpi-meter', 'module', 'm'), 500],
      [of('acpi-meter', 'package', 'grace', { parent: 'acpi-meter/m/power' }), 110],
      [of('nvml', 'gpu', 'GPU-a'), 350],
    ),
  ).toBe(500)
  expect(sum([of('acpi-meter', 'system', 'a', { kind: 'average' }), 30], [of('battery', 'system', 'b'), 31])).toBe(30)
  // A module of the GPU's driver holds the socket that the firmware measures.
  expect(sum([of('nvml', 'module', 'GPU-a'), 500], [of('acpi-meter', 'package', 'grace'), 110])).toBe(500)
  const processor = [
    [of('rapl', 'package', 'package-0', { parent: 'rapl/psys/power' }), 40],
    [of('rapl', 'dram', 'package-0/dram'), 10],
    [of('intel-gpu', 'uncore', 'package-0'), 5],
  ] as const
  expect(sum([of('rapl', 'package', 'package-0'), 40], ...processor.slice(1))).toBe(50)
  expect(sum([of('rapl', 'psys', 'psys'), 60], ...processor)).toBe(60)
  // The platform may hold the card; it does not where it shows less than both.
  expect(sum([of('rapl', 'psys', 'psys'), 200], ...processor, [of('nvml', 'gpu', 'GPU-a'), 100])).toBe(200)
  expect(sum([of('rapl', 'psys', 'psys'), 60], ...processor, [of('nvml', 'gpu', 'GPU-a'), 100])).toBe(160)
})
