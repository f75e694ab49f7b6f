import { expect, test } from 'vitest'
import type { Channel } from '../../run/channel.ts'
import { byRole, indexByRole } from './by-role.ts'

const channel = (id: string, rest: Partial<Channel>): Channel => ({
  id,
  sensor: 's',
  quantity: 'utilization',
  unit: 'ratio',
  kind: 'average',
  scope: 'gpu',
  role: 'utilization',
  ...rest,
})
const channels = [
  channel('of a process', { device: 'a', subject: 'target' }),
  channel('of the driver', { device: 'a' }),
  channel('of the hardware', { device: 'a', rank: 2 }),
  channel('of the hardware again', { device: 'a', rank: 2 }),
  channel('of another device', { device: 'b', rank: 9 }),
  channel('of no device', { rank: 9 }),
  channel('of something else', { device: 'a', role: 'active', rank: 9 }),
]
const ids = (asked: Parameters<typeof byRole>[1]) =>
  byRole(
    channels.map((each) => ({ channel: each })),
    asked,
  ).map(({ channel: { id } }) => id)

test('of those that say a thing of one device and subject the highest rank speaks, then the first', () => {
  expect(ids({ role: 'utilization', device: 'a' })).toEqual([
    'of the hardware',
    'of the hardware again',
    'of the driver',
  ])
  expect(ids({ role: 'utilization', device: 'a', subject: 'target' })).toEqual(['of a process'])
  expect(ids({ role: 'utilization' })).toEqual(['of no device'])
  expect(indexByRole(channels, { role: 'utilization', device: 'a' })).toBe(2)
  expect(indexByRole(channels, { role: 'steal', subject: 'host' })).toBe(-1)
})
