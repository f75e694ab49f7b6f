import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adversarial, allAdversarial, ordersIn, withTexts } from '../../test/fixtures/adversarial.ts'
import type { ClientCheck, DoctorRow, HostCeilings, Progress, RunListing, WatchTick, ZooRow } from '../index.ts'
import { parseRunDocument } from '../run/schema.ts'
import { upgradeDocument } from '../run/upgrade.ts'
import { clientTable } from './client-lines.ts'
import { ceilingTable } from './ceiling-lines.ts'
import { doctorTable, runTable, zooTable } from './listings.ts'
import { liveLine } from './live.ts'
import { meters, missingLines, tickLine, watchSummary } from './meters.ts'
import { plainLine, styledText } from './screen.ts'
import { style } from './style.ts'
import { summary } from './summary.ts'

const path = new URL('../../test/fixtures/runs/v1/run.json', import.meta.url)
const document = parseRunDocument(upgradeDocument(JSON.parse(readFileSync(path, 'utf8')), 'v1'))
const s = style(true)
const figure = { value: 2, low: 1, high: 3, n: 4, unit: 'W', grade: 'B' }
const tick = {
  t_s: 1,
  cpu: { cpus: 2, busy: 0.5, steal: 0, clock_mhz: 1000, temperature_c: 50, power_w: figure },
  gpus: [
    {
      device: 'g',
      utilization: 0.5,
      memory_used_bytes: 1,
      memory_total_bytes: 2,
      power_w: figure,
      clock_mhz: 1,
      temperature_c: 1,
    },
  ],
  system: { power_w: figure },
  process: { pid: 1, name: 'name', state: 'running', cpus: 1, share: 0.5, memory_bytes: 1 },
  so_far: { s: 1, joules: figure, mean_w: figure, max_w: figure, mean_busy: 0.5, max_busy: 0.5 },
  outages: [{ sensor: 'sensor', reason: 'reason' }],
  unmeasured: [{ what: 'what', reason: 'reason', remedy: 'remedy' }],
} as unknown as WatchTick
const listing = {
  id: 'id',
  started_at: '2026-01-01',
  name: 'name',
  state: 'live',
  folder: 'f',
  document,
} as unknown as RunListing
const answer: DoctorRow = { id: 'id', gives: 'power', ok: false, reason: 'reason', remedy: 'remedy' }
const ceilings = {
  compute: [{ name: 'name', origin: 'origin', flops_per_s: figure }],
  bandwidth: [{ name: 'name', origin: 'origin', bytes_per_s: figure }],
} as unknown as HostCeilings
const zoo = { name: 'name', input: 'input', parameters: 1, macs: 1, flops: 1, bytes: 1 } as unknown as ZooRow
const progress = { stage: 'advise', message: 'message', elapsed_s: 1, sent: 1, failed: 0 } as Progress

/** What is switched on or looked up by its value, which nobody outside chooses: the schema or our own code does. */
const chosen = /\/(?:mode|state|verdict|severity|stage|level|grade|origin)$/

type Hostile = <T>(data: T) => T
const check: ClientCheck = {
  client: { stamps: 'user', reason: 'it is made for Linux' },
  closed: { concurrency: 64, requests_per_s: 70_000, requests_per_cpu_s: 80_000 },
  open: {
    rate_per_s: 1000,
    send_delay_ms: { p50: 0.03, p99: 0.2 },
    seen_late_ms: { p50: 0.04, p99: 0.3 },
    response_ms: { p50: 0.1, p99: 0.4 },
  },
}
const renderings: Readonly<Record<string, (hostile: Hostile, text: string) => string>> = {
  summary: (hostile, text) => summary(hostile(document), text, s),
  runTable: (hostile) => runTable([hostile(listing)], s),
  zooTable: (hostile) => zooTable([hostile(zoo)], s),
  doctorTable: (hostile) => doctorTable([hostile(answer), { ...hostile(answer), ok: true }], s),
  ceilingTable: (hostile) => ceilingTable(hostile(ceilings), s),
  clientTable: (hostile) => clientTable(hostile(check), s),
  meters: (hostile) => meters(hostile(tick), [1, 2, 3], s),
  tickLine: (hostile) => tickLine(hostile(tick)),
  watchSummary: (hostile) => watchSummary(hostile(tick), s),
  missingLines: (hostile) => missingLines(hostile(tick), s).join('\n'),
  liveLine: (hostile) => liveLine(hostile(progress), 100_000),
}

/** Of which renderings are made, and what has none of the data's text. */
const parts = [
  'ceilingLines',
  'originText',
  'energyLines',
  'thermalLine',
  'hardwareLines',
  'ms',
  'msInterval',
  'energy',
  'money',
  'percentText',
  'signedPercent',
  'plainLine',
  'styledText',
  'style',
  'styleCode',
  'columns',
  'padEnd',
  'padStart',
  'wrap',
  'table',
]

test('every rendering there is stands below', () => {
  const exported = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .flatMap((name) => [
      ...readFileSync(join(import.meta.dirname, name), 'utf8').matchAll(/^export (?:const|function) (\w+)/gm),
    ])
    .map(([, name]) => name!)
  expect(exported.filter((name) => !parts.includes(name)).toSorted()).toEqual(Object.keys(renderings).toSorted())
})

describe.each(Object.entries(renderings))('%s', (name, render) => {
  test.each([...Object.entries(adversarial), ['all of it', allAdversarial] as const])('%s', (_, text) => {
    const output = render((data) => withTexts(data, (before, path) => (chosen.test(path) ? before : text)), text)
    expect(ordersIn(output, true)).toEqual([])
    // A style of the data’s own is none of ours.
    expect(output).not.toContain('\u001b[31mred')
    expect(output).not.toMatch(/^tailwatt: all is well/m)
    expect(output).toBe(styledText(output))
  })

  test('shows what it shows of harmless text', () => {
    if (name !== 'watchSummary') expect(render((data) => data, 'harmless')).toMatch(/[a-z]{4}/)
  })
})

describe('the last step', () => {
  test('lets lines and our own style through, and nothing else', () => {
    expect(styledText(`${s.bold('a')}\n${s.bad('b')}`)).toBe(`${s.bold('a')}\n${s.bad('b')}`)
    expect(styledText('\u001b[2Ja\u001b[4mb\r\u009b1m')).toBe('\\u001b[2Ja\\u001b[4mb\\u000d\\u009b1m')
    expect(plainLine('a\nb\u001b[1m')).toBe('a b\\u001b[1m\n')
  })

  test('whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(ordersIn(styledText(text).replaceAll('\t', ''), true)).toEqual([])
        expect(plainLine(text).indexOf('\n')).toBe(plainLine(text).length - 1)
      }),
    )
  })
})
