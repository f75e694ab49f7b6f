import { expect, test } from 'vitest'
import type { Channel } from './channel.ts'
import type { Manifest } from './manifest.ts'
import { readReadings, writeReadings } from './readings.ts'
import { noRows, allocateSamples, type SampleChunk } from './table.ts'

const channel: Channel = { id: 'm/a/power', sensor: 'm', quantity: 'power', unit: 'W', kind: 'gauge', scope: 'wall' }
const chunk = (...rows: readonly (readonly [number, number, number])[]): SampleChunk => {
  const samples = allocateSamples(rows.length)
  rows.forEach(([t, index, value], i) => {
    samples.t[i] = t
    samples.channel[i] = index
    samples.value[i] = value
  })
  return samples
}
const manifest = {
  name: 'mlp',
  started_at: '2026-01-01T00:00:00Z',
  host: { cpu_model: 'a CPU' },
  channels: [channel, { ...channel, id: 'm/b/power' }],
  recordings: [{ source: 'tailwatt', from: 5e8 }],
} as unknown as Manifest
const written = (): string =>
  writeReadings({
    manifest,
    ...noRows(),
    events: [],
    samples: [chunk([1e9, 0, 100.1], [3e9, 0, Number.NaN]), chunk([2e9 + 1 / 3, 1, 1 / 3])],
  })

test('what was written is read as it was, in order of time, to the last bit', () => {
  const recording = readReadings(written())
  if (!recording.ok) throw new Error(recording.error)
  const { channels, from, about, t, value } = recording.value
  expect(channels).toEqual(manifest.channels)
  expect({ from, about }).toEqual({ from: 5e8, about: 'mlp, a CPU, 2026-01-01T00:00:00Z' })
  expect([...t]).toEqual([1e9, 2e9 + 1 / 3, 3e9])
  expect([...recording.value.channel]).toEqual([0, 1, 0])
  expect([...value]).toEqual([100.1, 1 / 3, Number.NaN])
})

test('the channels of format 1 get what their ids said', () => {
  const busy = { ...channel, id: 'procfs/host/busy', quantity: 'time', unit: 's', kind: 'counter', scope: 'host' }
  const read = (format: number): unknown => {
    const recording = readReadings(
      `{"format":"tailwatt.readings/${format}","channels":[${JSON.stringify(busy)}]}\n[1,0,1]\n`,
    )
    return recording.ok && recording.value.channels[0]
  }
  expect(read(1)).toEqual({ ...busy, role: 'cpu-time', subject: 'host' })
  expect(read(2)).toEqual(busy)
})

test('readings may be objects, and name their channel by id', () => {
  const text = `${written().split('\n')[0]}\n{"t":1,"channel":"m/b/power","value":2}\n{"t":0,"channel":0,"value":1}\n`
  const recording = readReadings(text)
  expect(recording.ok && [...recording.value.channel]).toEqual([0, 1])
})

test('a recording that is cut off or damaged is one clause, with the line', () => {
  const whole = written()
  const error = (text: string): string => {
    const recording = readReadings(text)
    return recording.ok ? 'it is whole' : recording.error
  }
  expect(error(whole.slice(0, -4))).toBe('the recording is cut off in line 4')
  expect(error(whole.slice(0, 40))).toMatch(/its first line is no header/)
  expect(error('')).toMatch(/its first line is no header/)
  expect(error('{"format":"tailwatt.readings/3"}\n')).toMatch(/later format/)
  expect(error('{"format":"tailwatt.readings/2","channels":[{"id":"x"}]}\n')).toMatch(/describes no channels/)
  // The run that it would make could not be opened again.
  const deep = `${'['.repeat(150)}${']'.repeat(150)}`
  expect(error(whole.replace('"id":', `"x":${deep},"id":`))).toMatch(/describes no channels/)
  expect(error(`${whole.split('\n')[0]}\n`)).toMatch(/holds no reading/)
  for (const row of [
    '[1,2,3]',
    '[1,0]',
    '["1",0,1]',
    '{"t":1}',
    'null',
    '[1,0.5,1]',
    '{"t":1,"channel":"no","value":1}',
  ])
    expect(error(`${whole}${row}\n`), row).toBe('line 5 of the recording is no reading')
})

test('a recording of more channels than any host has is refused', () => {
  const channels = Array.from({ length: 5000 }, (_, i) => ({ ...channel, id: `c${i}` }))
  const text = `${JSON.stringify({ format: 'tailwatt.readings/2', channels })}\n[1,0,1]\n`
  expect(readReadings(text)).toEqual({ ok: false, error: 'the recording describes 5000 channels, more than 4096' })
})
