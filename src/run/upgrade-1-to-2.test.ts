import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { openRun } from '../runs/open.ts'
import type { RunDocument } from './document.ts'
import { parseManifest, parseRunDocument } from './schema.ts'
import { upgrade1To2 } from './upgrade-1-to-2.ts'

const fixtures = join(import.meta.dirname, '../../test/fixtures/runs')
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
  }
}

describe('a run of version 1', () => {
  test('says after its upgrade what an analysis of its rows says today', async () => {
    const measured = await (await openRun(join(fixtures, 'v1'), fixtures)).measured()
    const document = upgraded(stored('v1'))
    expect(changed(document)).toEqual(changed(analyse(measured)))
    expect(document.latency_ms.mean.value).toBe((stored('v1')['latency_ms'] as { mean: number }).mean)
  })

  test('that was killed is a manifest, which stays as it is, and its rows give the same document', async () => {
    const { schema: _, ...facts } = stored('v1-killed')
    expect(parseManifest({ ...upgrade1To2(facts), schema: 'tailwatt.run/2' })).toMatchObject(facts)
    cpSync(join(fixtures, 'v1-killed'), join(scratch, 'v1-killed'), { recursive: true })
    const { document } = await openRun(join(scratch, 'v1-killed'), scratch)
    expect(changed(document)).toEqual(changed(upgraded(stored('v1'))))
  })

  test('keeps keys that nobody knows, and what does not fit for the schema to judge', () => {
    const odd = { later: 1, throughput: 5, latency_ms: { count: 'many', mean: 'slow', later: [2] }, binding_ms: null }
    expect(upgrade1To2(odd)).toEqual(odd)
  })
})

test('a moment of too few samples is a figure without a value', () => {
  const series = { count: 1, mean: 5, stddev: null, jitter: null, spread: null }
  expect(upgrade1To2({ service_ms: series })['service_ms']).toEqual({
    count: 1,
    mean: { value: 5, low: null, high: null, n: 1, unit: 'ms' },
    stddev: { value: null, low: null, high: null, n: 1, unit: 'ms' },
    jitter: { value: null, low: null, high: null, n: 1, unit: 'ms' },
    spread: { value: null, low: null, high: null, n: 1, unit: 'ms' },
  })
})

describe('a reason of the load certificate', () => {
  const reasons = (...given: readonly unknown[]): unknown =>
    (upgrade1To2({ load_certificate: { reasons: given } })['load_certificate'] as { reasons: unknown }).reasons

  test('becomes code, title and advice, of every sentence that version 1 wrote', () => {
    expect(
      reasons(
        'the rate of 200/s was not reached: 150/s were sent; use a lower --rate, or more --instances',
        'requests were sent late by us: p99 3.00 ms (allowed 1.00 ms); leave a core to the load, or use --pacing spin',
        'the arrivals were not poisson: variation 2.00, correlation 0.100, dispersion 3.00; use --pacing spin, or a lower --rate',
        '7 rows were lost because the disk or the main process could not follow',
        'a load thread was busy all the time: the client, not the target, may be the limit',
      ),
    ).toEqual([
      {
        code: 'rate-missed',
        title: 'the rate of 200/s was not reached: 150/s were sent',
        advice: 'use a lower --rate, or more --instances',
      },
      {
        code: 'sent-late',
        title: 'requests were sent late by us: p99 3.00 ms (allowed 1.00 ms)',
        advice: 'leave a core to the load, or use --pacing spin',
      },
      {
        code: 'arrivals',
        title: 'the arrivals were not poisson: variation 2.00, correlation 0.100, dispersion 3.00',
        advice: 'use --pacing spin, or a lower --rate',
      },
      { code: 'rows-lost', title: '7 rows were lost because the disk or the main process could not follow' },
      {
        code: 'client-saturated',
        title: 'a load thread was busy all the time: the client, not the target, may be the limit',
      },
    ])
  })

  test('in words that no tailwatt wrote keeps them; what is no text is the schema’s to judge', () => {
    expect(reasons('it rained; wait', 5)).toEqual([{ code: 'other', title: 'it rained', advice: 'wait' }, 5])
  })
})

test('two findings and the share of the excess have other names, wherever they stand', () => {
  const evidence = { device: 'd', rise_share: 0.9 }
  expect(
    upgrade1To2({
      thermal: { coincidence: { free_s: 4, rise_share: 0.5 } },
      findings: [{ id: 'two-modes', title: 't' }, { id: 'load-in-step' }, { id: 'thermal-throttle', evidence }, 5],
    }),
  ).toEqual({
    thermal: { coincidence: { free_s: 4, excess_share: 0.5 } },
    findings: [
      { id: 'bimodal-latency', title: 't' },
      { id: 'sensor-aliasing' },
      { id: 'thermal-throttle', evidence: { device: 'd', excess_share: 0.9 } },
      5,
    ],
  })
})
