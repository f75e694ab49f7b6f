// Truth tests: a server and a blocking target that log the true times of every request on the same clock. Every percentile
// of every series must be the log's own.
import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import {
  closed,
  constant,
  http,
  module,
  openRun,
  poisson,
  profile,
  type ProfileOptions,
  type RunDocument,
} from '../dist/index.js'
import { quantiles } from '../dist/stats/quantile.js'

// A thread that loses its CPU between the two readings of a clock differs by that much: such a run is made again.
const noisy = { retry: 3 } as const
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-golden-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill()
  rmSync(scratch, { recursive: true, force: true })
})

const laws = ['lognormal', 'bimodal', 'stall'] as const
const loads = {
  closed: { load: closed({ concurrency: 2 }), instances: 2 },
  open: { load: constant({ rate: 100 }), instances: 2 },
} as const

interface Truth {
  readonly ticket: number
  readonly from: number
  readonly to: number
}

/** `ticket from to` a line, ns of the monotonic clock. The warm-up request of each instance has ticket 0 too: the last wins. */
function truthOf(path: string, epoch: bigint): ReadonlyMap<number, Truth> {
  const rows = new Map<number, Truth>()
  for (const line of readFileSync(path, 'utf8').split('\n').filter(Boolean)) {
    const [ticket, from, to] = line.split(' ') as [string, string, string]
    rows.set(Number(ticket), {
      ticket: Number(ticket),
      from: Number(BigInt(from) - epoch),
      to: Number(BigInt(to) - epoch),
    })
  }
  return rows
}

async function measured(
  options: ProfileOptions,
): Promise<{ document: RunDocument; rows: Map<number, number[]>; epoch: bigint }> {
  const run = await profile({ ...options, cold: 1, out: scratch, sensors: [], includeWarmup: true })
  const tables = await (await openRun(run.folder)).measured()
  const rows = new Map<number, number[]>()
  for (const chunk of tables.requests)
    for (let i = 0; i < chunk.length; i++)
      rows.set(chunk.id[i]!, [chunk.scheduled[i]!, chunk.ready[i]!, chunk.started[i]!, chunk.done[i]!])
  // The run's epoch is a whole second of the monotonic clock: the one nearest to what the wall clock says.
  const { epoch_wall_ms: wall } = run.document.recordings[0]!.clock
  const guess = Number(process.hrtime.bigint()) - (Date.now() - wall) * 1e6
  return { document: run.document, rows, epoch: BigInt(Math.round(guess / 1e9)) * 1_000_000_000n }
}

const ps = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const

/** Percentiles of the true series against the document's, ms. */
function compare(
  document: RunDocument,
  rows: Map<number, number[]>,
  truth: ReadonlyMap<number, Truth>,
  slackMs: number,
): void {
  const pairs = [...rows].map(([id, times]) => ({ times, true: truth.get(id)! }))
  expect(pairs.every((pair) => pair.true !== undefined)).toBe(true)
  const series = {
    latency_ms: pairs.map(({ times, true: t }) => t.to - times[0]!),
    service_ms: pairs.map(({ true: t }) => t.to - t.from),
    send_delay_ms: pairs.map(({ times, true: t }) => t.from - times[1]!),
    queue_wait_ms: pairs.map(({ times }) => times[1]! - times[0]!),
  }
  for (const [name, values] of Object.entries(series)) {
    const expected = quantiles(Float64Array.from(values), Object.values(ps))
    Object.keys(ps).forEach((key, i) => {
      const found = document[name as keyof typeof series][key as keyof typeof ps].value!
      expect(
        Math.abs(found - expected[i]! / 1e6),
        `${name} ${key} ${found} against ${expected[i]! / 1e6}`,
      ).toBeLessThan(slackMs)
    })
  }
}

const goldenTarget = pathToFileURL(join(import.meta.dirname, 'fixtures/targets/golden.mjs')).href

describe('a blocking target that logs its true times', () => {
  for (const law of laws) {
    for (const [name, options] of Object.entries(loads)) {
      test(`has the percentiles of its log: ${law}, ${name} loop`, noisy, async () => {
        const log = join(mkdtempSync(join(scratch, 'log-')), `${law}-${name}`)
        const run = await measured({ ...options, target: module(goldenTarget, { law, log }), requests: 400 })
        compare(run.document, run.rows, truthOf(log, run.epoch), 0.1)
      })
    }
  }

  test('a stall of 1 s at 100 requests/s shows in p99 of the response time, and is not hidden', noisy, async () => {
    const log = join(scratch, 'stall-long.log')
    const target = module(goldenTarget, { law: 'freeze', log })
    const { document } = await measured({ target, load: constant({ rate: 100 }), requests: 1000 })
    expect(document.latency_ms.p99.value!).toBeGreaterThan(700)
    expect(document.service_ms.p99.value!).toBeLessThan(100)
  })

  test('at 80 % load waiting is the target’s: the certificate stays valid', noisy, async () => {
    const target = module(goldenTarget, { law: 'constant', ms: 8, log: join(scratch, 'rho.log') })
    const { document } = await measured({ target, load: poisson({ rate: 98 }), requests: 800 })
    expect(document.queue_wait_ms.p99.value!).toBeGreaterThan(8)
    expect(document.load_certificate.reasons).toEqual([])
  })

  test('a starved client fails the certificate', async () => {
    const target = module(goldenTarget, { law: 'constant', ms: 1, log: join(scratch, 'starved.log'), starve: true })
    const { document } = await measured({ target, load: constant({ rate: 50 }), requests: 150 })
    expect(document.load_certificate.valid).toBe(false)
    expect(document.findings.map((finding) => finding.id)).toContain('load-not-as-asked')
  })
})

describe('a server that logs its true times', () => {
  const start = async (law: string, log: string): Promise<string> => {
    const child = fork(join(import.meta.dirname, 'fixtures/golden-server.mjs'), [law, log], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    children.push(child)
    return new Promise((resolve) => child.once('message', (port) => resolve(`http://127.0.0.1:${String(port)}/`)))
  }

  for (const law of laws) {
    for (const mode of ['closed', 'open'] as const) {
      test(`has the response times of its log: ${law}, ${mode} loop`, noisy, async () => {
        const log = join(mkdtempSync(join(scratch, 'log-')), `http-${law}-${mode}`)
        const url = await start(law, log)
        const load = mode === 'closed' ? closed({ concurrency: 2 }) : constant({ rate: 100 })
        const run = await measured({ target: http(url, { body: '{{ticket}}' }), load, requests: 400 })
        const truth = truthOf(log, run.epoch)
        // Between the server's last byte and our seeing it lie two processes: medians within 1 ms, never below the truth.
        const excess = [...run.rows].map(([id, times]) => times[3]! - truth.get(id)!.to)
        expect(Math.min(...excess)).toBeGreaterThanOrEqual(-1e5)
        const expected = quantiles(
          Float64Array.from([...run.rows].map(([id, times]) => truth.get(id)!.to - times[0]!)),
          [0.5, 0.99],
        )
        expect(Math.abs(run.document.latency_ms.p50.value! - expected[0]! / 1e6)).toBeLessThan(1)
        expect(run.document.latency_ms.p99.value!).toBeGreaterThanOrEqual(expected[1]! / 1e6 - 0.1)
      })
    }
  }

  test('a server that refuses, answers 500 or hangs gives one clear error each', async () => {
    await expect(
      profile({ target: http('http://127.0.0.1:9/'), cold: 1, requests: 5, out: scratch }),
    ).rejects.toMatchObject({ code: 'target-failed' })
    const failing = await start('status-500', join(scratch, '500.log'))
    const run = await profile({
      target: http(failing, { body: '{{ticket}}' }),
      cold: 1,
      requests: 50,
      out: scratch,
      sensors: [],
    })
    expect(run.document.failure?.code).toBe('too-many-errors')
    expect(run.document.requests.errors[0]).toMatchObject({ code: 'HTTP 500', count: 50 })
    const hanging = await start('hang', join(scratch, 'hang.log'))
    await expect(
      profile({ target: http(hanging, { body: '{{ticket}}', timeoutMs: 300 }), cold: 1, requests: 5, out: scratch }),
    ).rejects.toMatchObject({ code: 'target-failed' })
  })
})
