// What the upgrade reads from the ids of format 1 is what the sensors declare today; so neither can change without the other.
import { expect, test } from 'vitest'
import { machines } from '../../../test/fixtures/hosts/machines.ts'
import { h100 } from '../../demo/boards/h100.ts'
import {
  gpmChannels,
  hwmonChannels,
  meterChannels,
  nvmlChannels,
  perfEventChannels,
  procfsChannels,
  raplChannels,
} from '../../demo/channels.ts'
import { virtualHost } from '../../host/virtual-host.ts'
import { metricsReadings } from '../../sensors/amdgpu/metrics-readings.ts'
import { sensorProviders } from '../../sensors/catalog.ts'
import { fields } from '../../sensors/dcgm-exporter/fields.ts'
import { ProcessUsage } from '../../sensors/drm/fdinfo.ts'
import { countChannels, trafficChannel } from '../../sensors/perf-event/channels.ts'
import { faults, hostSet, switches, taskClock, taskSets } from '../../sensors/perf-event/events.ts'
import { replayOf } from '../../sensors/replay/replay.ts'
import type { Channel } from '../channel.ts'
import { upgradeChannel, upgradeChannels } from './channels.ts'

const spelt = (text: string): string => text.replace('utilization', 'utilisation')

/** As format 1 wrote it. */
function before(channel: Channel): object {
  const { role, subject: _, rank: _1, throttle: _2, origin: _3, group, ...rest } = channel
  const named = role !== 'time-running' && role !== 'time-enabled'
  return {
    ...rest,
    id: spelt(rest.id),
    quantity: spelt(rest.quantity),
    ...(named && group !== undefined ? { group } : {}),
  }
}

const upgraded = (channels: readonly Channel[]): readonly unknown[] =>
  channels.map((channel) => ({ ...(upgradeChannel(before(channel)) as object), id: channel.id }))

/** Those that format 1 knew, of this machine itself. */
const ids = new Set(
  'acpi-meter amdgpu battery cpufreq gpm hwmon intel-gpu model nvml perf-event procfs rapl thermal'.split(' '),
)
const polled = sensorProviders.filter(({ id }) => ids.has(id))

test.each(polled.map((provider) => [provider.id, provider] as const))(
  'on every virtual host gives the channels of %s what the sensor declares',
  async (_, provider) => {
    const options = { self: 1, watched: new SharedArrayBuffer(16) }
    let opened = 0
    for (const machine of Object.values(machines)) {
      const host = virtualHost(machine())
      const found = await provider.open(host, options)
      if (!found.ok) continue
      const { channels } = found.sensor
      expect(upgraded(channels)).toEqual(channels)
      opened++
      await found.sensor.close()
    }
    expect(opened).toBeGreaterThan(0)
  },
)

const card = (sensor: string, readings: readonly { readonly name: string; readonly shape: object }[]): Channel[] =>
  readings.map(({ name, shape }) => ({ ...(shape as Channel), id: `${sensor}/0000:03:00.0/${name}`, sensor }))

test('gives what no virtual host has the same', () => {
  const revisions = ['1.0', '1.3', '1.4', '1.5', '1.6', '1.7', '1.8', '2.4', '3.0']
  const usage = new ProcessUsage(virtualHost(), '0000:03:00.0', new SharedArrayBuffer(16))
  const topDown = (
    ['slots', 'topdown-retiring', 'topdown-bad-spec', 'topdown-fe-bound', 'topdown-be-bound'] as const
  ).map((name) => ({ name, type: 4, config: 0n }))
  const events = [[taskClock], [...switches, ...faults], ...taskSets, topDown]
  const channels: readonly Channel[] = [
    ...revisions.flatMap((revision) =>
      card(
        'amdgpu',
        metricsReadings(
          revision,
          () => undefined,
          () => Number.NaN,
        ),
      ),
    ),
    ...card('amdgpu', usage.readings),
    ...card('intel-gpu', usage.readings),
    ...fields.map(({ what, shape }): Channel => ({
      ...shape,
      id: `dcgm/GPU-a/${what}`,
      sensor: 'dcgm',
      device: 'GPU-a',
    })),
    ...events.flatMap((set) => countChannels('target', set)),
    ...[hostSet, [...switches, ...faults]].flatMap((set) => countChannels('host', set)),
    ...(['memory-read', 'memory-write', 'memory-traffic'] as const).map(trafficChannel),
  ]
  expect(channels.length).toBeGreaterThan(100)
  expect(upgraded(channels)).toEqual(channels)
})

test('gives a demo and a replayed recording their origin, and what their sensors declare', () => {
  const board = [...nvmlChannels(h100), ...gpmChannels(h100)]
  const demo = [...board, ...raplChannels, ...procfsChannels, ...perfEventChannels, ...hwmonChannels, ...meterChannels]
  expect(upgraded(demo)).toEqual(demo)
  const samples = { channel: new Uint16Array(), t: new Float64Array(), value: new Float64Array() }
  const { channels } = replayOf({ ...samples, channels: demo, from: null, about: '' }, () => 0)
  expect(upgraded(channels)).toEqual(channels)
})

const other = { quantity: 'utilisation', unit: 'ratio', kind: 'average', scope: 'gpu' }

test.each([
  'acme/gpu0/utilisation',
  'acme/host/busy',
  'procfs/host/busyness',
  'procfs/constructor',
  'procfs/psi/cpu-half',
  'perf-event/target/cycles/waiting',
  'perf-event/other/cycles',
  'nvml/GPU-a/toString',
  'nvml/GPU-a/throttle-moon',
  'nvml',
  'rapl/package-0/energy',
  '',
])('gives the unknown id "%s" nothing', (id) => {
  expect(upgradeChannel({ id, ...other })).toEqual({ id, ...other, quantity: 'utilization' })
})

test('keeps two channels of one id, and the graphics units of a card, in their role', () => {
  const roleOf = (id: string): unknown => (upgradeChannel({ id, ...other }) as Channel).role
  expect(roleOf('nvml/GPU-a/utilisation#2')).toBe('utilization')
  expect(roleOf('intel-gpu/0000:03:00.0/clock-gt-gt1')).toBe('core-clock')
})

test('leaves what is no channel, and all else, as it is', () => {
  for (const value of [null, 3, 'x', [], {}, { id: 5 }]) expect(upgradeChannel(value)).toEqual(value)
  expect(upgradeChannels({ channels: 'none', later: 1 })).toEqual({ channels: 'none', later: 1 })
  expect(upgradeChannels({ later: { key: [1] }, channels: [{ id: 'procfs/host/busy' }] })).toEqual({
    later: { key: [1] },
    channels: [{ id: 'procfs/host/busy', role: 'cpu-time', subject: 'host' }],
  })
})
