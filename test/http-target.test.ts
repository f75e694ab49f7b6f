// HTTP endpoints as servers really are: they close connections while they are in use, say for how long they keep them, or take one
// request on each.
import { mkdtempSync, rmSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { Random } from '../dist/base/random.js'
import {
  closed,
  constant,
  http,
  openRun,
  poisson,
  profile,
  type ClientCheck,
  type ProfileOptions,
  type Run,
} from '../dist/index.js'

const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-http-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const servers: Server[] = []
afterEach(() => void servers.splice(0).forEach((server) => server.close()))

/** @param take called with each request, its number on its connection (from 0) and in all */
async function serve(take: (socket: Socket, turn: number, all: number) => void): Promise<string> {
  let all = 0
  const server = createServer({ noDelay: true }, (socket) => {
    let turn = 0
    let text = ''
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        text = text.slice(end + 4)
        take(socket, turn++, all++)
      }
    })
  })
  servers.push(server.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/`
}

const answer = (more = ''): string => `HTTP/1.1 200 OK\r\n${more}content-length: 2\r\n\r\nok`
const measure = (options: ProfileOptions): Promise<Run> =>
  profile({ cold: 1, idle: 0, sensors: [], includeWarmup: true, out: scratch, ...options })

describe('a server that closes a connection instead of answering a second request on it', () => {
  const closing = (): Promise<string> =>
    serve((socket, turn) => {
      if (turn === 0) socket.write(answer('Keep-Alive: timeout=5, max=100\r\n'))
      else socket.destroy()
    })

  test.each([
    ['closed loop', { load: closed({ concurrency: 2 }), requests: 200 }],
    ['open loop', { load: constant({ rate: 200 }), requests: 200 }],
  ])(
    'fails no request in %s: what it cannot have seen goes once more, and connections are used once',
    async (_, load) => {
      const run = await measure({ target: http(await closing()), ...load })
      const { requests, findings } = run.document
      expect(requests).toMatchObject({ sent: 200, ok: 200, failed: 0 })
      expect(requests.resent).toBeGreaterThan(0)
      expect(requests.resent).toBeLessThan(20)
      expect(findings.map(({ id }) => id)).toContain('keep-alive-race')
      const { requests: chunks } = await (await openRun(run.folder)).measured()
      // From the planned time on, the detour included.
      for (const { length, scheduled, started, done } of chunks)
        for (let i = 0; i < length; i++) expect(done[i]! >= started[i]! && started[i]! >= scheduled[i]!).toBe(true)
    },
  )

  test('fails them where the user does not want that', async () => {
    const run = await measure({
      target: http(await closing(), { resend: false }),
      load: closed(),
      requests: 40,
      maxErrors: 1,
    })
    expect(run.document.requests.failed).toBeGreaterThan(0)
    expect(run.document.requests.resent).toBe(0)
    expect(run.document.requests.errors[0]).toMatchObject({ code: 'reset' })
  })
})

test('what failed after a byte of its answer came is not sent again', async () => {
  const url = await serve((socket, _, all) => {
    if (all % 4 === 3) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf')
    else socket.write(answer())
  })
  const { requests } = (await measure({ target: http(url), load: closed(), requests: 40, maxErrors: 1 })).document
  expect(requests).toMatchObject({ sent: 40, ok: 30, failed: 10, resent: 0 })
})

test('a server that takes one request a connection has the next one open in time', async () => {
  const url = await serve((socket) => socket.end(answer('connection: close\r\n')))
  const { requests, send_delay_ms } = (
    await measure({ target: http(url), load: constant({ rate: 100 }), requests: 100 })
  ).document
  expect(requests).toMatchObject({ sent: 100, failed: 0, resent: 0 })
  expect(send_delay_ms.count).toBe(100)
})

test('a connection is left alone before its server would close it', async () => {
  const kept: number[] = []
  const url = await serve((socket, turn) => {
    kept.push(turn)
    socket.setTimeout(1000, () => socket.destroy())
    socket.write(answer('Keep-Alive: timeout=1\r\n'))
  })
  // Each waits longer than a connection may be trusted.
  const { requests } = (await measure({ target: http(url), load: constant({ rate: 1.4 }), requests: 4 })).document
  expect(requests).toMatchObject({ sent: 4, failed: 0, resent: 0 })
  expect(Math.max(...kept.slice(2))).toBe(0)
})

test('a run says who stamped, and how many connections were opened late', async () => {
  const url = await serve((socket) => setTimeout(() => socket.write(answer()), 30))
  const run = await measure({ target: http(url), load: constant({ rate: 400 }), requests: 200 })
  const { target, seen_late_ms } = run.document
  expect(target.flow).toBe('wire')
  if (target.client!.stamps === 'kernel') expect(seen_late_ms!.count).toBe(200)
  else expect([typeof target.client!.reason, seen_late_ms]).toEqual(['string', null])
  const { events } = await (await openRun(run.folder)).measured()
  const usage = events.find(({ kind }) => kind === 'client_usage')!.data as Record<string, number>
  expect(usage['connections']).toBeGreaterThanOrEqual(12)
  expect(usage['resent']).toBe(0)
})

test.each([
  ['closed loop', { load: closed({ concurrency: 5, threads: 3 }), requests: 301 }],
  ['open loop at random times', { load: poisson({ rate: 600, threads: 3 }), requests: 301 }],
])('several load threads carry one load in %s: each request once, at the times of one schedule', async (name, load) => {
  const url = await serve((socket) => socket.write(answer()))
  const run = await measure({ target: http(url), ...load })
  const one = await measure({ target: http(url), ...load, load: { ...load.load, threads: 1 } })
  const rowsOf = async ({ folder }: Run): Promise<ReadonlyMap<number, readonly [number, number]>> => {
    const { requests: chunks } = await (await openRun(folder)).measured()
    return new Map(
      chunks.flatMap(({ length, id, instance, scheduled }) =>
        Array.from({ length }, (_, i) => [id[i]!, [instance[i]!, scheduled[i]!]] as const),
      ),
    )
  }
  const [rows, alone] = [await rowsOf(run), await rowsOf(one)]
  expect([...rows.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 301 }, (_, i) => i))
  expect(new Set([...rows].map(([, [thread]]) => thread))).toEqual(new Set([0, 1, 2]))
  expect(run.document.load.threads).toBe(3)
  expect(run.document.requests).toMatchObject({ sent: 301, failed: 0 })
  if (name === 'closed loop') return
  expect(new Set([...rows].map(([id, [thread]]) => (id - thread) % 3))).toEqual(new Set([0]))
  const gap = (all: typeof rows, id: number): number => all.get(id)![1] - all.get(0)![1]
  for (let id = 1; id < 301; id++) expect(Math.abs(gap(rows, id) - gap(alone, id))).toBeLessThan(1)
})

test('threads with unequal parts of a closed loop keep all of it busy', async () => {
  const url = await serve((socket) => setTimeout(() => socket.write(answer()), 10))
  const { document } = await measure({ target: http(url), load: closed({ concurrency: 3, threads: 2 }), requests: 240 })
  expect(document.load_certificate.reasons.map(({ code }) => code)).not.toContain('client-behind')
})

test('connections are opened before the load, as many as asked', async () => {
  let connections = 0
  const url = await serve((socket) => socket.write(answer()))
  servers[0]!.on('connection', () => connections++)
  const run = await measure({ target: http(url), load: constant({ rate: 100, connections: 7 }), requests: 50 })
  expect(connections).toBe(7)
  const { events } = await (await openRun(run.folder)).measured()
  expect(events.find(({ kind }) => kind === 'client_usage')!.data).toMatchObject({ connections: 7, opened_late: 0 })
})

/** What a server may do with a request. */
const deeds: readonly ((socket: Socket) => void)[] = [
  (socket) => socket.write(answer()),
  (socket) => socket.write(answer('transfer-encoding: x\r\n')),
  (socket) => setTimeout(() => socket.write(answer()), 20),
  (socket) => socket.end(answer('connection: close\r\n')),
  (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end'),
  (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf'),
  (socket) => socket.write('HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n'),
  (socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'),
  (socket) => socket.write(`${answer()}and more that nobody asked for`),
  (socket) => socket.write('\x00\x01 no HTTP\r\n'),
  (socket) => socket.destroy(),
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.end(),
  // No answer in time.
  () => undefined,
]

test.each([
  ['closed loop', { load: closed({ concurrency: 8 }), requests: 400 }],
  ['closed loop on two threads', { load: closed({ concurrency: 8, threads: 2 }), requests: 400 }],
  ['open loop', { load: poisson({ rate: 400 }), requests: 400 }],
  [
    'open loop that is cut off by its limit of requests outstanding',
    { load: { ...poisson({ rate: 400 }), concurrency: 6 }, requests: 200 },
  ],
])('whatever a server does, each request has one row with moments in order: %s', async (_, load) => {
  const random = new Random(load.requests + (load.load.threads ?? 1))
  const url = await serve((socket, __, all) => (all < 2 ? deeds[0]! : deeds[random.below(deeds.length)]!)(socket))
  const run = await measure({ target: http(url, { timeoutMs: 150 }), ...load, maxErrors: 1 })
  const { requests: chunks } = await (await openRun(run.folder)).measured()
  const ids: number[] = []
  for (const { length, id, scheduled, ready, started, first, done, seen, status } of chunks)
    for (let i = 0; i < length; i++) {
      ids.push(id[i]!)
      const moments = [
        scheduled[i]!,
        ready[i]!,
        started[i]!,
        ...(Number.isNaN(first[i]!) ? [] : [first[i]!]),
        done[i]!,
        seen[i]!,
      ]
      expect(
        moments.toSorted((a, b) => a - b),
        `${status[i]}`,
      ).toEqual(moments)
    }
  expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: load.requests }, (__, i) => i))
  const { sent, ok, failed } = run.document.requests
  expect([sent, ok + failed]).toEqual([load.requests, load.requests])
  expect(ok).toBeGreaterThan(load.requests / 5)
})

test('doctor --load says what the client can do here', () => {
  const main = join(import.meta.dirname, '../dist/cli/main.js')
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'doctor', '--load', '--json'], {
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([0, ''])
  const { rows, load } = JSON.parse(stdout) as { readonly rows: readonly object[]; readonly load: ClientCheck }
  expect(rows.length).toBeGreaterThan(5)
  expect(load.closed.requests_per_s).toBeGreaterThan(1000)
  expect(load.open.response_ms.p50).toBeLessThan(50)
  expect(load.open.seen_late_ms === null).toBe(load.client.stamps === 'user')
})
