// Rows that can be stay, whatever is unusual about them; rows that cannot are left out, each kind with its count.
import { expect, test } from 'vitest'
import { isEvent } from './event-shape.ts'
import type { Manifest } from './manifest.ts'
import type { Measured } from './source.ts'
import { soundRows } from './sound-rows.ts'
import {
  noRows,
  allocateRequests,
  allocateSamples,
  phases,
  type BatchChunk,
  type RequestChunk,
  type SampleChunk,
} from './table.ts'

const manifest = {
  recordings: [{ id: 0 }],
  channels: [{ id: 'a' }, { id: 'b' }],
  unmeasured: [{ what: 'gpu_w', reason: 'none', remedy: 'none' }],
} as unknown as Manifest

type Row<C> = { readonly [Key in keyof C]?: number }

function fill<C extends { readonly length: number }>(chunk: C, rows: readonly Row<C>[], usual: Row<C>): C {
  rows.forEach((row, i) => {
    for (const [key, value] of Object.entries({ ...usual, ...row }))
      (chunk as unknown as Record<string, number[]>)[key]![i] = value as number
  })
  return chunk
}

const requests = (rows: readonly Row<RequestChunk>[]): RequestChunk =>
  fill(allocateRequests(rows.length), rows, { batch: 1, scheduled: 1e9, ready: 2e9, started: 3e9, done: 4e9 })
const samples = (rows: readonly Row<SampleChunk>[]): SampleChunk =>
  fill(allocateSamples(rows.length), rows, { t: 1e9, value: 1 })

const measured = (rows: Partial<Measured>): Measured => ({
  manifest,
  ...noRows(),
  events: [],
  ...rows,
})

const nothing = Number.NaN
const endless = Number.POSITIVE_INFINITY

const usualRequests: readonly Row<RequestChunk>[] = [
  {},
  { first: nothing, engine: nothing, sizeOut: nothing },
  { first: 3.5e9, engine: 1e6 },
  // Of tailwatt 0.1.0: the first byte after the last.
  { first: 4.1e9 },
  { scheduled: 0, ready: 0, started: 0, done: 0 },
  // A thread that was early by a tenth of a millisecond.
  { ready: 3.0001e9 },
  { status: 7 },
  { status: 404 },
  { status: 999 },
  { phase: phases.length - 1, instance: 65_535, batch: 4_294_967_295, id: 2 ** 53 - 1 },
]

const impossibleRequests: readonly Row<RequestChunk>[] = [
  { recording: 1 },
  { id: -1 },
  { id: 0.5 },
  { id: nothing },
  { id: 1e300 },
  { phase: phases.length },
  { status: 8 },
  { status: 99 },
  { status: 1000 },
  { done: 2.9e9 },
  { scheduled: 5e9 },
  { ready: 9e9 },
  { ready: 0.9e9 },
  { scheduled: -1e9 },
  { started: nothing },
  { scheduled: nothing },
  { ready: nothing },
  { done: nothing },
  { done: endless },
  { done: 1e300 },
  { first: endless },
  { engine: -1 },
  { sizeIn: -1 },
  { sizeOut: 1e300 },
]

test('requests that can be stay as they are', () => {
  const chunk = requests(usualRequests)
  const sound = soundRows(measured({ requests: [chunk] }))
  expect(sound.requests[0]).toBe(chunk)
  expect(sound.manifest).toBe(manifest)
})

test.each(impossibleRequests)('a request with %o is left out, and its neighbours stay', (row) => {
  const sound = soundRows(measured({ requests: [requests([{ id: 1 }, { id: 2, ...row }, { id: 3 }])] }))
  expect(sound.requests.map((chunk) => [chunk.length, ...chunk.id, chunk.done.length])).toEqual([[2, 1, 3, 2]])
  expect(sound.manifest.unmeasured.map(({ what }) => what)).toEqual(['gpu_w', 'damaged rows'])
  expect(sound.manifest.unmeasured[1]!.reason).toMatch(/^1 request in the run folder/)
})

test('of samples those with a channel and a time stay: no value is no fault', () => {
  const values = [1, nothing, -5, 2 ** 64]
  const good = samples([...values.map((value) => ({ value })), { t: -1e9 }, { channel: 1 }])
  expect(soundRows(measured({ samples: [good] })).samples).toEqual([good])
  const bad = samples([
    { channel: 2 },
    { recording: 1 },
    { t: nothing },
    { t: endless },
    { value: endless },
    { value: -1e300 },
  ])
  const sound = soundRows(measured({ samples: [bad] }))
  expect(sound.samples).toEqual([])
  expect(sound.manifest.unmeasured[1]!.reason).toMatch(/^6 samples in/)
})

test('batches and events out of order or place are left out, and all is counted in one row', () => {
  const batch = (row: Row<BatchChunk>): BatchChunk =>
    fill(
      {
        length: 1,
        recording: new Uint16Array(1),
        id: new Float64Array(1),
        instance: new Uint16Array(1),
        opened: new Float64Array(1),
        started: new Float64Array(1),
        done: new Float64Array(1),
        size: new Uint32Array(1),
        useful: new Float64Array(1),
        padded: new Float64Array(1),
        reason: new Uint8Array(1),
      },
      [row],
      { opened: 1e9, started: 2e9, done: 3e9 },
    )
  const note = (t: number, recording = 0): unknown => ({ recording, t, kind: 'note', data: { text: '' } })
  const sound = soundRows(
    measured({
      requests: [requests([{}, { id: -1 }])],
      batches: [batch({}), batch({ done: 1e9 }), batch({ opened: nothing })],
      samples: [samples([{}, { channel: 9 }])],
      events: [note(1), note(1, 1), note(1, -1), note(1e300)] as Measured['events'],
    }),
    2,
  )
  expect(sound.batches).toHaveLength(1)
  expect(sound.events).toHaveLength(1)
  expect(sound.manifest.unmeasured).toHaveLength(2)
  expect(sound.manifest.unmeasured[1]!.reason).toMatch(
    /^1 request, 2 batches, 1 sample, 3 events, 2 entries that are none of these in the run folder cannot/,
  )
})

test('an event has a recording, a time, a kind we know and all that this kind carries', () => {
  const clock = { recording: 0, t: 1, kind: 'clock', data: { wall_ms: 1, boot_ns: null, more: 'kept' } }
  expect(isEvent(clock)).toBe(true)
  expect(
    isEvent({
      ...clock,
      kind: 'self_usage',
      data: { cpu_s: 1, wall_s: 1, drain_lag_p99_ms: 1, sample_gap_p99_ms: null },
    }),
  ).toBe(true)
  const wrong: readonly unknown[] = [
    null,
    1,
    'clock',
    [],
    {},
    { ...clock, recording: '0' },
    { ...clock, t: null },
    { ...clock, t: '1' },
    { ...clock, t: endless },
    { ...clock, kind: undefined },
    { ...clock, kind: 'later' },
    { ...clock, kind: 'constructor' },
    { ...clock, kind: '__proto__' },
    { ...clock, data: null },
    { ...clock, data: [] },
    { ...clock, data: { boot_ns: 1 } },
    { ...clock, data: { wall_ms: null, boot_ns: 1 } },
    { ...clock, data: { wall_ms: 1e300, boot_ns: 1 } },
    { ...clock, kind: 'phase', data: { name: 'load', edge: 'middle' } },
    { ...clock, kind: 'error', data: { code: 1, message: 'x', request: 1 } },
    { ...clock, kind: 'host_exit', data: { code: 0, signal: null, expected: 'yes' } },
  ]
  for (const value of wrong) expect(isEvent(value), JSON.stringify(value)).toBe(false)
})
