import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { virtualHost } from '../host/virtual-host.ts'
import { importSensor } from './module.ts'
import { sensorOf } from '../../test/fixtures/opened-sensor.ts'
import type { Opened, PolledSensor } from './sensor.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-module-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

let count = 0
function written(provider: string): string {
  const path = join(scratch, `${count++}.mjs`)
  writeFileSync(path, `export const provider = ${provider}`)
  return path
}
const gives = `gives: { text: 'watts', what: 'system_w' }`
const channel = `{ id: 'own/power', sensor: 'own', quantity: 'power', unit: 'W', kind: 'gauge', scope: 'system', grade: 'C' }`
const working = `{ channels: [${channel}], read: () => 'ok', close: () => undefined }`
const opened = async (provider: string): Promise<Opened> =>
  (await importSensor(written(provider))).open(virtualHost({ platform: 'linux' }), {})

test('a module that declares itself and opens a sensor is one', async () => {
  const provider = await importSensor(
    written(`{ id: 'own', ${gives}, open: async () => ({ ok: true, sensor: ${working}, note: 'n' }) }`),
  )
  expect(provider.gives).toEqual({ text: 'watts', what: 'system_w' })
  expect(await provider.open(virtualHost(), {})).toMatchObject({
    ok: true,
    note: 'n',
    sensor: { channels: [{ id: 'own/power' }] },
  })
})

test.each([
  ['has no `open`', `{ id: 'own', ${gives} }`],
  [
    'has no `gives: { text, what }`',
    `{ id: 'own', probe: async () => ({ ok: true, gives: 'watts' }), open: async () => (${working}) }`,
  ],
  ['has a `flow` that is neither', `{ id: 'own', ${gives}, flow: 'pulled', open: async () => undefined }`],
  ['has `secrets` that are no list', `{ id: 'own', ${gives}, secrets: 'KEY', open: async () => undefined }`],
  ['has `platforms` that are no list', `{ id: 'own', ${gives}, platforms: 'linux', open: async () => undefined }`],
])('one that %s is refused when it is loaded', async (fault, provider) => {
  await expect(importSensor(written(provider))).rejects.toThrow(fault)
})

test.each([
  ['gives a sensor and no `ok`', `async () => (${working})`, /neither `ok: true` with a `sensor`/],
  ['gives null for a sensor', `async () => ({ ok: true, sensor: null })`, /neither `ok: true` with a `sensor`/],
  ['gives nothing', `async () => undefined`, /neither `ok: true` with a `sensor`/],
  ['says no and not why', `async () => ({ ok: false })`, /does not say why/],
  [
    'gives no method of its flow',
    `async () => ({ ok: true, sensor: { channels: [${channel}], start: 1, close: () => undefined } })`,
    /declares itself polled and has no read/,
  ],
  [
    'gives channels of no known unit',
    `async () => ({ ok: true, sensor: { ...${working}, channels: [{ ...${channel}, unit: 'horses' }] } })`,
    /channels are not as/,
  ],
])('one whose `open` %s is absent, with what to do', async (_, open, reason) => {
  expect(await opened(`{ id: 'own', ${gives}, open: ${open} }`)).toEqual({
    ok: false,
    reason: expect.stringMatching(reason),
    remedy: expect.stringMatching(/\w/),
  })
})

test('what is not used is closed, and elsewhere it is not even opened', async () => {
  const closing = `async () => ({ ok: true, sensor: { channels: [], close: () => { globalThis.closedOnes = (globalThis.closedOnes ?? 0) + 1 } } })`
  await opened(`{ id: 'own', ${gives}, open: ${closing} }`)
  expect((globalThis as { closedOnes?: number }).closedOnes).toBe(1)
  expect(
    await opened(`{ id: 'own', ${gives}, platforms: ['darwin', 'win32'], open: () => { throw new Error('opened') } }`),
  ).toEqual({
    ok: false,
    reason: 'it does not work on linux',
    remedy: 'measure on darwin, win32',
  })
})

test('the one of the documentation is one, and reads', async () => {
  const [, example] = /```js\n(.*?)```/s.exec(readFileSync(join(import.meta.dirname, '../../docs/sensors.md'), 'utf8'))!
  const path = join(scratch, 'documented.mjs')
  writeFileSync(path, example!)
  const provider = await importSensor(path)
  expect(await provider.open(virtualHost(), {})).toMatchObject({ ok: false, reason: 'the meter is off' })
  const host = virtualHost({ files: { '/run/board/watts': '12.5\n' } })
  const sensor = sensorOf(await provider.open(host, {})) as PolledSensor
  const read: unknown[] = []
  expect(sensor.read(7, { put: (...reading) => void read.push(reading) })).toBe('ok')
  expect(read).toEqual([[0, 7, 12.5]])
})

test('a provider may be an object of a class, whose prototype declares', async () => {
  const path = join(scratch, `${count++}.mjs`)
  writeFileSync(
    path,
    `class Plug {
      #reason = 'the meter is off'
      get id() { return 'own' }
      get gives() { return { text: 'watts', what: 'system_w' } }
      get flow() { return 'streaming' }
      async open() { return { ok: false, reason: this.#reason, remedy: 'switch it on' } }
    }
    export const provider = new Plug()`,
  )
  const provider = await importSensor(path)
  expect(provider).toMatchObject({ id: 'own', gives: { text: 'watts' }, flow: 'streaming' })
  expect(await provider.open(virtualHost(), {})).toMatchObject({ ok: false, reason: 'the meter is off' })
})
