import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Channel } from './channel.ts'
import { parseManifest, parseRunDocument, runJsonSchema } from './schema.ts'
import { currentSchema, upgradeDocument, upgradeThrough } from './upgrade.ts'

const fixture = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../test/fixtures/runs', name, 'run.json'), 'utf8')) as Record<
    string,
    unknown
  >

describe('an upgrade', () => {
  test('leaves a document of the present version as it is, unknown keys included', () => {
    const document = { ...upgradeDocument(fixture('v1'), 'x'), later: { key: 1 } }
    expect(upgradeDocument(document, 'x')).toEqual(document)
  })

  test('of format 1 adds to the channels what their ids said', () => {
    for (const name of ['v1', 'v1-killed']) {
      const { channels: before } = fixture(name) as { channels: readonly Channel[] }
      const { channels } = upgradeDocument(fixture(name), 'x') as unknown as { channels: readonly Channel[] }
      expect(channels).toMatchObject(before.map((channel) => ({ ...channel, quantity: expect.any(String) })))
      expect(channels).toContainEqual(
        expect.objectContaining({ id: 'procfs/host/busy', quantity: 'utilization', role: 'cpu-time', subject: 'host' }),
      )
    }
  })

  test.each([[{ toString: 1 }], [['tailwatt.run/1']], [null], [1]])(
    'of a schema that is no text is refused: %j',
    (schema) => {
      expect(() => upgradeDocument({ schema }, 'x')).toThrow(expect.objectContaining({ code: 'run-damaged' }))
    },
  )

  test('goes through every version in between, in order, and keeps keys it does not know', () => {
    const steps = {
      1: (document: object) => ({ ...document, trail: ['1→2'] }),
      2: (document: object) => ({ ...document, trail: [...(document as { trail: string[] }).trail, '2→3'] }),
    }
    expect(upgradeThrough(steps, { schema: 'tailwatt.run/1', unknown: true }, 'x', 3)).toEqual({
      schema: 'tailwatt.run/3',
      unknown: true,
      trail: ['1→2', '2→3'],
    })
  })

  test('says so when the run is of a later version', () => {
    const later = { ...fixture('v1'), schema: 'tailwatt.run/3' }
    expect(() => upgradeDocument(later, 'somewhere')).toThrow(
      expect.objectContaining({ code: 'run-newer', data: { path: 'somewhere', schema: 'tailwatt.run/3' } }),
    )
  })

  test('calls damaged what names no version', () => {
    for (const value of [null, 3, 'run', [], {}, { schema: 'other/1' }, { schema: 'tailwatt.run/0' }, { schema: 1 }])
      expect(() => upgradeDocument(value, 'x')).toThrow(expect.objectContaining({ code: 'run-damaged' }))
  })
})

describe('the schema', () => {
  test('takes the runs of version 1 once they are upgraded, unknown keys anywhere included', () => {
    const document = upgradeDocument(fixture('v1'), 'x')
    const wider = { ...document, later: 1, host: { ...(document['host'] as object), later: [2] } }
    expect(parseRunDocument(wider)).toEqual(wider)
    const manifest = upgradeDocument(fixture('v1-killed'), 'x')
    expect(parseManifest(manifest)).toEqual(manifest)
  })

  test('names the first key that does not fit', () => {
    const document = upgradeDocument(fixture('v1'), 'x')
    const broken = { ...document, latency_ms: { ...(document['latency_ms'] as object), p99: { value: 'fast' } } }
    expect(() => parseRunDocument(broken, 'somewhere')).toThrow(
      expect.objectContaining({
        code: 'run-damaged',
        data: { path: 'somewhere', message: expect.stringMatching(/^latency_ms\.p99\.value: /) as string },
      }),
    )
    expect(() => parseRunDocument('nothing')).toThrow(expect.objectContaining({ code: 'run-damaged' }))
  })

  test('requires every key of the contract, and allows others', () => {
    const schema = runJsonSchema() as { required: string[]; additionalProperties: unknown; $schema: string }
    const contract =
      'schema id tool host target load recordings requests throughput latency_ms service_ms queue_wait_ms send_delay_ms ' +
      'load_certificate batches cold_start power energy utilization batching operators io sla findings unmeasured self'
    expect(schema.required).toEqual(expect.arrayContaining(contract.split(' ')))
    expect(schema.additionalProperties).not.toBe(false)
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema')
  })

  test('is that of the present version', () => {
    expect(upgradeDocument(fixture('v1'), 'x')['schema']).toBe(currentSchema)
  })
})
