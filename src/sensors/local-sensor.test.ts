import { expect, test } from 'vitest'
import { absent } from '../base/absence.ts'
import { virtualHost } from '../host/virtual-host.ts'
import { localSensor, orClose } from './local-sensor.ts'
import type { PolledSensor } from './sensor.ts'

const sensor: PolledSensor = { channels: [], read: () => 'ok', close: () => undefined }
const declared = { id: 'own', summary: '', gives: { text: 'watts', what: 'cpu_w' } }

test('elsewhere it says so and opens nothing', async () => {
  const provider = localSensor({
    ...declared,
    elsewhere: { reason: 'there is no such file' },
    open: () => ({ ok: true, sensor }),
  })
  expect(await provider.open(virtualHost(), undefined)).toEqual({ ok: true, sensor })
  expect(await provider.open(virtualHost({ platform: 'darwin' }), {})).toEqual(
    absent('there is no such file on darwin', 'measure on Linux'),
  )
  expect(provider.platforms).toEqual(['linux'])
  expect(provider).not.toHaveProperty('elsewhere')
})

test('what was opened is closed where it is nothing or fails, and kept where it is a sensor', () => {
  const closed: string[] = []
  orClose(
    () => closed.push('kept'),
    () => ({ ok: true, sensor }),
  )
  orClose(
    () => closed.push('absent'),
    () => absent('no', 'none'),
  )
  const failing = (): { readonly ok: boolean } => {
    throw new Error('gone')
  }
  expect(() => orClose(() => closed.push('failed'), failing)).toThrow('gone')
  expect(closed).toEqual(['absent', 'failed'])
})
