// The sampler and the collector themselves, with sensors of a user's that fail, recover, vanish, hang and give garbage:
// the others go on, what happened is in the events, and nothing waits for what hangs.
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startSensing, type Sensing } from '../dist/session/sensing/sensing.js'
import type { SampleChunk } from '../dist/run/table.js'
import type { Occurrence } from '../dist/run/event.js'
import type { SensorSpec } from '../dist/sensors/sensor.js'

const fixture = (name: string): string => pathToFileURL(join(import.meta.dirname, `fixtures/sensors/${name}.mjs`)).href
const polled = (options: Record<string, unknown>): SensorSpec => ({ kind: fixture('awkward'), options })
const streaming = (options: Record<string, unknown>): SensorSpec => ({ kind: fixture('awkward-stream'), options })

interface Sensed {
  readonly sensing: Sensing
  /** Values by channel id. */
  readonly values: ReadonlyMap<string, readonly number[]>
  readonly events: readonly Occurrence[]
  readonly stopped: Awaited<ReturnType<Sensing['stop']>>
}

async function sense(specs: readonly SensorSpec[], ms = 400): Promise<Sensed> {
  const chunks: SampleChunk[] = []
  const events: Occurrence[] = []
  const sensing = await startSensing({
    specs,
    hz: 50,
    epoch: process.hrtime.bigint(),
    onSamples: (chunk) => chunks.push(chunk),
    onEvent: (event) => events.push(event),
  })
  await sleep(ms)
  const stopped = await sensing.stop()
  const values = new Map<string, number[]>(sensing.channels.map(({ id }) => [id, []]))
  for (const chunk of chunks)
    for (let i = 0; i < chunk.length; i++) values.get(sensing.channels[chunk.channel[i]!]!.id)!.push(chunk.value[i]!)
  return { sensing, values, events, stopped }
}

const states = ({ events }: Sensed): string[] =>
  events.flatMap((event) => (event.kind === 'sensor' ? [(event as Occurrence<'sensor'>).data.state] : []))
const reasons = ({ events }: Sensed): string =>
  events.flatMap((event) => (event.kind === 'sensor' ? [(event as Occurrence<'sensor'>).data.reason] : [])).join('; ')

describe('polled sensors', () => {
  test('one that throws for a while is told once, and so is its recovery', async () => {
    const sensed = await sense([polled({ mode: 'fails' })])
    expect(states(sensed)).toEqual(['failed', 'back'])
    expect(reasons(sensed)).toContain('the bus is busy')
    const values = sensed.values.get('awkward/a/energy')!
    expect(values.length).toBeGreaterThan(4)
    expect(values.every((value) => value > 0)).toBe(true)
  })

  test('so is one that says retry, or something that is no outcome', async () => {
    expect(states(await sense([polled({ mode: 'retries' })]))).toEqual(['failed', 'back'])
    expect(states(await sense([polled({ mode: 'nonsense' })]))).toEqual(['failed', 'back'])
  })

  test('one that vanishes is lost once, and the other goes on', async () => {
    const sensed = await sense([polled({ mode: 'vanishes' }), polled({ mode: 'fine', name: 'b' })])
    expect(states(sensed)).toEqual(['lost'])
    expect(sensed.values.get('awkward/a/energy')!.length).toBe(3)
    expect(sensed.values.get('awkward/b/energy')!.length).toBeGreaterThan(5)
  })

  test('garbage is no reading of its own channel, nor of another sensor’s', async () => {
    const sensed = await sense([
      polled({ mode: 'fine', name: 'b' }),
      polled({ mode: 'garbage' }),
      polled({ mode: 'fine', name: 'c' }),
    ])
    expect(states(sensed)).toEqual(['failed', 'back'])
    for (const values of sensed.values.values()) {
      expect(values.every((value) => Number.isFinite(value) && value > 1)).toBe(true)
      expect(values.every((value, i) => i === 0 || value > values[i - 1]!)).toBe(true)
    }
  })

  test('what cannot be opened is a row with its reason, and its remedy where it has one', async () => {
    const { sensing } = await sense(
      [
        polled({ mode: 'absent' }),
        polled({ mode: 'throws' }),
        polled({ mode: 'unit' }),
        { kind: '/nowhere/sensor.mjs', options: {} },
        { kind: 'telepathy', options: {}, asked: true },
        polled({ mode: 'fine' }),
      ],
      50,
    )
    const rows = sensing.unmeasured.map(({ reason, remedy }) => `${reason} -> ${remedy}`).join('\n')
    expect(sensing.unmeasured).toHaveLength(5)
    expect(rows).toMatch(/it is not there -> plug it in/)
    expect(rows).toMatch(/cannot open -> /)
    expect(rows).toMatch(/channels are not as the documentation says/)
    expect(rows).toMatch(/nowhere.*cannot be loaded/)
    expect(rows).toMatch(/telepathy: there is no such sensor/)
    expect(sensing.warnings).toEqual([expect.stringContaining('telepathy')])
    expect(sensing.channels.map(({ id }) => id)).toEqual(['awkward/a/energy'])
  })

  test('what one finds that it lacks while it is read is told at the end, and once', async () => {
    const { sensing, stopped } = await sense([polled({ mode: 'learns' }), polled({ mode: 'fine', name: 'b' })], 200)
    expect(sensing.unmeasured.map(({ what }) => what)).toEqual(['awkward/before'])
    expect(stopped.unmeasured).toEqual([{ what: 'awkward/after', reason: 'found out', remedy: 'none' }])
  })

  test('one that never opens does not hold the others up', async () => {
    const { sensing } = await sense([polled({ mode: 'hangs' }), polled({ mode: 'fine', name: 'b' })], 50)
    expect(sensing.unmeasured[0]!.reason).toContain('did not answer within 2 s')
    expect(sensing.channels).toHaveLength(1)
  })

  test('one that cannot be closed ends no less', async () => {
    const sensed = await sense([polled({ mode: 'closes badly' })])
    expect(sensed.values.get('awkward/a/energy')!.length).toBeGreaterThan(3)
    expect(sensed.events.map(({ kind }) => kind)).toEqual(['sensor_read'])
  })
})

describe('streaming sensors', () => {
  test('their channels come after the polled ones, and each reading under its own', async () => {
    const sensed = await sense([streaming({}), polled({ mode: 'fine' }), streaming({ name: 't' })])
    expect([...sensed.values.keys()]).toEqual(['awkward/a/energy', 'awkward/s/power', 'awkward/t/power'])
    for (const id of ['awkward/s/power', 'awkward/t/power'])
      expect(new Set(sensed.values.get(id)!)).toEqual(new Set([100]))
    expect(sensed.values.get('awkward/a/energy')!.every((value) => value !== 100)).toBe(true)
    const timing = sensed.events.find((event) => event.kind === 'sensor_timing') as Occurrence<'sensor_timing'>
    expect(timing.data.half_round_trip_p50_ms).toBe(1)
  })

  test('two of one name are told apart', async () => {
    const { sensing } = await sense([streaming({}), streaming({})], 50)
    expect(sensing.channels.map(({ id }) => id)).toEqual(['awkward/s/power', 'awkward/s/power#2'])
  })

  test('one that fails and recovers by itself is told once each', async () => {
    const sensed = await sense([streaming({ mode: 'recovers' })])
    expect(states(sensed)).toEqual(['failed', 'back'])
    expect(sensed.values.get('awkward/s/power')!.length).toBeGreaterThan(5)
  })

  test('what comes after it was lost is not kept', async () => {
    const sensed = await sense([streaming({ mode: 'vanishes' })])
    expect(states(sensed)).toEqual(['lost'])
    expect(sensed.values.get('awkward/s/power')).toHaveLength(4)
  })

  test('garbage is no reading', async () => {
    const sensed = await sense([streaming({ mode: 'garbage' })])
    expect(states(sensed)).toEqual(['failed', 'back'])
    expect(new Set(sensed.values.get('awkward/s/power')!)).toEqual(new Set([100]))
  })

  test('one that cannot start is lost with its reason; one that hangs in starting is just silent', async () => {
    const sensed = await sense([streaming({ mode: 'start fails' }), streaming({ mode: 'start hangs', name: 't' })])
    expect(states(sensed)).toEqual(['lost'])
    expect(reasons(sensed)).toContain('nobody answers')
    expect(sensed.values.get('awkward/t/power')).toEqual([])
  })

  test('an error that nobody catches is a note, and the others go on', async () => {
    const sensed = await sense([streaming({ mode: 'throws astray' }), streaming({ name: 't' })])
    expect(sensed.events.some((event) => event.kind === 'note' && JSON.stringify(event.data).includes('astray'))).toBe(
      true,
    )
    expect(sensed.values.get('awkward/t/power')!.length).toBeGreaterThan(8)
  })

  // Without their limits these would wait until the test's own.
  test('one that hangs delays neither the start nor the end beyond its limit', async () => {
    const sensed = await sense([streaming({ mode: 'open hangs' }), streaming({ mode: 'close hangs', name: 't' })], 100)
    expect(sensed.sensing.unmeasured[0]!.reason).toContain('did not answer within 2 s')
    expect(sensed.values.get('awkward/t/power')!.length).toBeGreaterThan(1)
  })

  test('one that blocks the whole thread costs the streaming sensors, not the run', async () => {
    const sensed = await sense([streaming({ mode: 'open blocks' }), polled({ mode: 'fine' })], 100)
    expect(sensed.sensing.unmeasured.map(({ reason }) => reason).join()).toContain('did not come up')
    expect(sensed.values.get('awkward/a/energy')!.length).toBeGreaterThan(3)
  })
})

test('without sensors no thread is started and nothing is waited for', async () => {
  const { sensing, events } = await sense([], 10)
  expect(sensing.channels).toEqual([])
  expect(events).toEqual([])
})
