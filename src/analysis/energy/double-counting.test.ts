import { expect, test } from 'vitest'
import type { Channel } from '../../run/channel.ts'
import { countedOnce } from './double-counting.ts'

interface Drawn {
  readonly channel: Channel
  readonly rank: number
  readonly total: number | null
}

/** A line a channel: `sensor scope/device rank total`, `!` behind the sensor of one that only checks others. */
function drawn(lines: string): readonly Drawn[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [sensor, place, rank, total] = line.trim().split(/\s+/) as [string, string, string, string?]
      const [scope, device] = place.split('/') as [Channel['scope'], string]
      const channel: Channel = {
        id: `${sensor}:${device}`,
        sensor: sensor.replace('!', ''),
        scope,
        device,
        quantity: 'power',
        unit: 'W',
        kind: 'gauge',
        ...(sensor.endsWith('!') ? { check: true } : {}),
      }
      return { channel, rank: Number(rank), total: total === undefined ? null : Number(total) }
    })
}

const counted = (lines: string): string =>
  countedOnce(drawn(lines), { better: (a, b) => a.rank > b.rank, total: ({ total }) => total })
    .map(({ channel }) => channel.id)
    .join(' ')

test('of the channels of a device the best counts, of two equals the first, and never one that only checks', () => {
  expect(
    counted(`
      nvml   gpu/a 1
      dcgm   gpu/a 2
      nvml   gpu/b 1
      dcgm   gpu/b 1
      amdgpu! gpu/c 3
      amdgpu gpu/c 0
    `),
  ).toBe('dcgm:a nvml:b amdgpu:c')
})

test('of two sensors of the packages one counts, for all of them', () => {
  expect(
    counted(`
      rapl  package/package-0 2
      hwmon package/package-0 1
      hwmon package/package-1 1
      hwmon system/board      1
    `),
  ).toBe('rapl:package-0 hwmon:board')
})

test('the sensor that counts keeps a device of which another knows more', () => {
  expect(
    counted(`
      rapl  package/package-0 2
      rapl  package/package-1 0
      hwmon package/package-0 1
      hwmon package/package-1 1
    `),
  ).toBe('rapl:package-0 rapl:package-1')
})

test('dies that show the same total show one counter', () => {
  expect(
    counted(`
      rapl package/package-0-die-0 2 1000
      rapl package/package-0-die-1 2 1000.0005
      rapl package/package-1-die-0 2 1000
      rapl package/package-1-die-1 2 1001
      rapl package/package-1-die-2 2
    `),
  ).toBe('rapl:package-0-die-0 rapl:package-1-die-0 rapl:package-1-die-1 rapl:package-1-die-2')
})
