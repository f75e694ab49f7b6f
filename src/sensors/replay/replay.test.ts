import { expect, test } from 'vitest'
import { virtualHost } from '../../host/virtual-host.ts'
import type { Channel } from '../../run/channel.ts'
import type { Readings } from '../../run/readings.ts'
import { replay, replayOf } from './replay.ts'

const channel: Channel = {
  id: 'm/a/energy',
  sensor: 'm',
  quantity: 'energy',
  unit: 'J',
  kind: 'counter',
  scope: 'wall',
}
const recording: Readings = {
  channels: [channel],
  from: 2e9,
  about: 'a run',
  channel: Uint16Array.of(0, 0, 0),
  t: Float64Array.of(1e9, 2.5e9, 3e9),
  value: Float64Array.of(10, 20, 30),
}

function played(at: number, given: Readings, watched?: SharedArrayBuffer): Promise<(readonly [number, number])[]> {
  return new Promise((resolve) => {
    const rows: (readonly [number, number])[] = []
    const sensor = replayOf(given, () => at, watched)
    const end = (): void => void sensor.close().then(() => resolve(rows))
    void sensor.start({
      put: (_, t, value) => rows.push([t, value]),
      within: () => undefined,
      failed: () => undefined,
      lost: end,
    })
    setTimeout(end, 120)
  })
}

const running = (since: number): SharedArrayBuffer => {
  const watched = new SharedArrayBuffer(16)
  new Int32Array(watched)[0] = 4711
  new Float64Array(watched, 8, 1)[0] = since
  return watched
}

test('the recorded load’s beginning is laid on this load’s, and times keep their distances', async () => {
  expect(await played(9e9, recording, running(7e9))).toEqual([
    [6e9, 10],
    [7.5e9, 20],
    [8e9, 30],
  ])
})

test('what is not due yet is not read, but for one reading after the end', async () => {
  expect(await played(6.1e9, recording, running(7e9))).toEqual([
    [6e9, 10],
    [7.5e9, 20],
  ])
  expect(await played(9e9, recording, new SharedArrayBuffer(16))).toEqual([])
})

test('without a load it begins at once', async () => {
  expect(await played(9e9, { ...recording, from: null })).toEqual([
    [9e9, 10],
    [10.5e9, 20],
  ])
})

test('every channel says that it is replayed', () => {
  expect(replayOf(recording, () => 0).channels).toEqual([{ ...channel, sensor: 'replay', origin: 'replayed' }])
})

test('a file that is not there or damaged is a reason', async () => {
  const host = virtualHost({ files: { '/r': 'hello\n' } })
  expect(await replay.open(host, { argument: '/absent' })).toMatchObject({
    ok: false,
    reason: '/absent cannot be read',
  })
  expect(await replay.open(host, { argument: '/r' })).toMatchObject({
    ok: false,
    reason: '/r: it is no recording of readings: its first line is no header',
  })
})
