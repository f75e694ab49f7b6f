import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { analyse } from '../../analysis/analyse.ts'
import { openRun } from '../../runs/open.ts'
import type { RunDocument } from '../document.ts'
import { parseManifest, parseRunDocument } from '../schema.ts'
import { upgrade1To2 } from '../upgrade-1-to-2.ts'

const fixtures = join(import.meta.dirname, '../../../test/fixtures/runs')
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-upgrade-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const stored = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(fixtures, name, 'run.json'), 'utf8')) as Record<string, unknown>
const upgraded = (document: object): RunDocument =>
  parseRunDocument({ ...upgrade1To2(document as Record<string, unknown>), schema: 'tailwatt.run/2' })

/** What format 2 changed of a document, whatever else later analyses say. */
const changed = (document: RunDocument): unknown => {
  const moments = (series: RunDocument['binding_ms']): unknown =>
    series && [series.mean, series.stddev, series.jitter, series.spread]
  const { latency_ms, service_ms, queue_wait_ms, send_delay_ms, binding_ms } = document
  return {
    throughput: document.throughput,
    moments: [latency_ms, service_ms, queue_wait_ms, send_delay_ms, binding_ms].map(moments),
    load_certificate: document.load_certificate,
    coincidence: document.thermal?.coincidence,
    findings: document.findings.map(({ id }) => id),
    percentiles: [latency_ms, service_ms].map(({ p50, p99, p99_9 }) => [p50, p99, p99_9]),
  }
}

describe('a run of version 1', () => {
  test('says after its upgrade what an analysis of its rows says today', async () => {
    const measured = await (await openRun(join(fixtures, 'v1'), fixtures)).measured()
    const document = upgraded(stored('v1'))
    expect(changed(document)).toEqual(changed(analyse(measured)))
    expect(document.latency_ms.mean.value).toBe((stored('v1')['latency_ms'] as { mean: number }).mean)
  })

  test('that was killed is a manifest, and its rows give the same document', async () => {
    const { schema: _, ...facts } = stored('v1-killed')
    const manifest = parseManifest({ ...upgrade1To2(facts), schema: 'tailwatt.run/2' })
    // What the same program would write today.
    expect(manifest).toEqual(parseManifest(stored('v2-killed')))
    cpSync(join(fixtures, 'v1-killed'), join(scratch, 'v1-killed'), { recursive: true })
    const { document } = await openRun(join(scratch, 'v1-killed'), scratch)
    expect(changed(document)).toEqual(changed(upgraded(stored('v1'))))
  })

  test('keeps keys that nobody knows, and what does not fit for the schema to judge', () => {
    const odd = { later: 1, throughput: 5, latency_ms: { count: 'many', mean: 'slow', later: [2] }, binding_ms: null }
    expect(upgrade1To2(odd)).toEqual(odd)
  })
})
