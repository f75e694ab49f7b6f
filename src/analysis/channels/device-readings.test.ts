import { expect, test } from 'vitest'
import type { Channel } from '../../run/channel.ts'
import { deviceReadings } from './device-readings.ts'

const channel = (rest: Partial<Channel> & Pick<Channel, 'id' | 'quantity' | 'scope'>): Channel => ({
  sensor: 'test',
  unit: '1',
  kind: 'gauge',
  ...rest,
})

const gpu = { scope: 'gpu', device: 'GPU-1' } as const

const readings = (...rows: readonly (readonly [Channel, number | undefined])[]) =>
  deviceReadings(
    rows.map(([one]) => one),
    (index) => rows[index]![1],
  )

test('the CPU has the hottest of its sensors and the mean of its clocks; the GPU has its own', () => {
  const { cpu, gpus } = readings(
    [channel({ id: 'a', quantity: 'temperature', scope: 'package' }), 61],
    [channel({ id: 'b', quantity: 'temperature', scope: 'core' }), 71],
    [channel({ id: 'c', quantity: 'temperature', scope: 'zone' }), 90],
    [channel({ id: 'd', quantity: 'clock', scope: 'host' }), 2000],
    [channel({ id: 'e', quantity: 'clock', scope: 'core' }), 3000],
    [channel({ id: 'f', quantity: 'clock', scope: 'package', role: 'highest-core-clock' }), 4000],
    [channel({ ...gpu, id: 'g', quantity: 'temperature', role: 'memory-temperature' }), 105],
    [channel({ ...gpu, id: 'h', quantity: 'temperature', role: 'temperature' }), 99],
    [channel({ ...gpu, id: 'i', quantity: 'clock', role: 'memory-clock' }), 2619],
    [channel({ ...gpu, id: 'j', quantity: 'clock', role: 'core-clock' }), 1980],
  )
  expect(cpu).toEqual({ clock_mhz: 2500, temperature_c: 71 })
  expect(gpus).toMatchObject([{ device: 'GPU-1', temperature_c: 99, clock_mhz: 1980, utilization: null }])
})

test('a zone of the board stands in where the CPU has no sensor of its own', () => {
  expect(readings([channel({ id: 'z', quantity: 'temperature', scope: 'zone' }), 45]).cpu.temperature_c).toBe(45)
})

test('what no sensor tells, or told too long ago, is null', () => {
  expect(readings([channel({ id: 'z', quantity: 'temperature', scope: 'zone' }), undefined])).toEqual({
    cpu: { clock_mhz: null, temperature_c: null },
    gpus: [],
  })
})
