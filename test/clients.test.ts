// What every client on the load path owes: the same answers, the same failures and the same bounds, whatever the sockets below.
import { createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { clockSince } from '../dist/host/clock.js'
import type { Client, ClientOptions, Endpoint, Exchange, Failure, StampedBy } from '../dist/net/client.js'
import { DirectClient } from '../dist/net/direct/direct-client.js'
import { openLibc, socketAddress, type Libc } from '../dist/net/direct/libc.js'
import { ResponseParser } from '../dist/net/http1/response-parser.js'
import { NodeClient } from '../dist/net/node-client.js'
import { openClient } from '../dist/net/open-client.js'

const epoch = process.hrtime.bigint()
const now = clockSince(epoch)
const direct = openLibc()
const options = (timeoutMs = 2000): ClientOptions => ({
  reader: () => new ResponseParser(),
  timeoutNs: timeoutMs * 1e6,
  now,
  epoch,
  spin: false,
})

/** On a host whose system has less. */
const lesser =
  (libc: Partial<Libc>) =>
  async (endpoint: Endpoint, given: ClientOptions): Promise<Client> => {
    const destination = { version: 4, address: socketAddress(endpoint.host, 4, endpoint.port) } as const
    const own = direct.ok ? direct.value : undefined
    const errno = (): number => {
      const code = refused
      refused = 0
      return code === 0 ? (own?.errno() ?? 0) : code
    }
    const calls = { ...own, ...libc, errno } as Libc
    const client = new DirectClient({
      ...given,
      libc: calls,
      destination,
      clock: undefined,
      stamping: undefined,
      unstamped: 'a test',
    })
    await client.open(1)
    return client
  }

/** Every second send takes nothing: EAGAIN. */
let sends = 0
let refused = 0
const reluctant: Libc['send'] = (...args) => {
  refused = sends++ % 2 === 0 ? 11 : 0
  return refused === 0 && direct.ok ? direct.value.send(...args) : -1
}

const kinds: readonly (readonly [string, (endpoint: Endpoint, options: ClientOptions) => Promise<Client>])[] = [
  ['direct', openClient],
  ['direct without stamps', lesser({})],
  ['direct without epoll_pwait2', lesser({ epoll_pwait2: undefined })],
  ['direct, the system taking nothing at first', lesser({ send: reluctant })],
  ['node', async (endpoint, given) => new NodeClient(endpoint, given)],
]

class Sent implements Exchange {
  readonly bytes: Uint8Array
  started = Number.NaN
  sending = 0
  first = Number.NaN
  done = Number.NaN
  seen = Number.NaN
  stampedBy: StampedBy = 'user'
  status = 0
  bodyBytes = 0
  failure: Failure | undefined
  over = 0

  constructor(text: string) {
    this.bytes = Buffer.from(text)
  }

  ended(): void {
    this.over++
  }
}

const request = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'
const answer = (body: string, more = ''): string =>
  `HTTP/1.1 200 OK\r\n${more}content-length: ${body.length}\r\n\r\n${body}`

const servers: Server[] = []
const clients: Client[] = []
afterEach(() => {
  for (const client of clients.splice(0)) client.close()
  for (const server of servers.splice(0)) server.close()
})

/** Calls `take` for each request that comes whole, by its blank line. */
async function serve(
  take: (socket: Socket, turn: number) => void,
  onConnect?: (socket: Socket) => void,
): Promise<Endpoint> {
  let turn = 0
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined)
    onConnect?.(socket)
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        text = text.slice(end + 4)
        take(socket, turn++)
      }
    })
  })
  servers.push(server.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  return { secure: false, host: '127.0.0.1', port: (server.address() as { port: number }).port }
}

/** Lets the server, which lives in the same loop, have its turns too. */
async function ended(client: Client, sent: readonly Sent[], ms = 5000): Promise<void> {
  const limit = now() + ms * 1e6
  while (sent.some(({ over }) => over === 0) && now() < limit) {
    await client.poll(now() + 1e6)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function exchange(client: Client, text = request): Promise<Sent> {
  const sent = new Sent(text)
  client.send(sent)
  await ended(client, [sent])
  expect(sent.over).toBe(1)
  return sent
}

describe.each(kinds)('the client %s', (kind, make) => {
  const skipped = kind !== 'node' && !direct.ok
  const contract = test.skipIf(skipped)
  const clientFor = async (endpoint: Endpoint, timeoutMs?: number): Promise<Client> => {
    const client = await make(endpoint, options(timeoutMs))
    clients.push(client)
    return client
  }

  contract('is the one that was asked for, and says why it does not stamp', async () => {
    const client = await clientFor(await serve((socket) => socket.write(answer('ok'))))
    expect(client instanceof NodeClient).toBe(kind === 'node')
    if (client.stamps === 'user') expect(kind === 'node' || client.unstamped !== undefined).toBe(true)
  })

  contract('gives status, size and moments in order', async () => {
    const client = await clientFor(await serve((socket) => socket.write(answer('hello', 'x: y\r\n'))))
    for (let i = 0; i < 20; i++) {
      const before = now()
      const { status, bodyBytes, started, first, done, seen, failure, stampedBy } = await exchange(client)
      const after = now()
      expect([status, bodyBytes, failure]).toEqual([200, 5, undefined])
      const moments = [before, started, first, done, seen, after]
      expect(moments.toSorted((a, b) => a - b)).toEqual(moments)
      if (client.stamps === 'user') expect(stampedBy).toBe('user')
    }
    expect(client.connections).toBe(1)
  })

  contract('opens connections ahead, and uses the one used last', async () => {
    const seen: Socket[] = []
    const client = await clientFor(
      await serve((socket) => {
        seen.push(socket)
        socket.write(answer('ok'))
      }),
    )
    await client.open(4)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(client.connections).toBe(4)
    for (let i = 0; i < 5; i++) await exchange(client)
    expect(new Set(seen).size).toBe(1)
    expect(client.connections).toBe(4)
  })

  contract('has a connection for each request outstanding, and answers in any order', async () => {
    const waiting: Socket[] = []
    const client = await clientFor(await serve((socket) => void waiting.push(socket)))
    const sent = Array.from({ length: 5 }, () => new Sent(request))
    for (const each of sent) client.send(each)
    while (waiting.length < 5) {
      await client.poll(now() + 1e6)
      await new Promise((resolve) => setImmediate(resolve))
    }
    waiting.toReversed().forEach((socket, i) => socket.write(answer('x'.repeat(i))))
    await ended(client, sent)
    expect(sent.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(sent.map(({ bodyBytes }) => bodyBytes).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4])
  })

  contract('takes an answer in any pieces, and one of megabytes', async () => {
    const body = 'b'.repeat(3_000_000)
    const client = await clientFor(
      await serve((socket, turn) => {
        if (turn === 0) {
          const text = answer('pieces')
          let at = 0
          const next = (): void => {
            if (at < text.length) socket.write(text[at++]!, () => setImmediate(next))
          }
          next()
        } else socket.write(answer(body))
      }),
    )
    expect(await exchange(client)).toMatchObject({ status: 200, bodyBytes: 6 })
    expect(await exchange(client)).toMatchObject({ status: 200, bodyBytes: 3_000_000, failure: undefined })
    expect(client.connections).toBe(1)
  })

  contract('sends a request larger than the system takes at once', async () => {
    let bytes = 0
    const client = await clientFor(
      await serve(
        (socket) => socket.write(answer('ok')),
        (socket) => {
          socket.pause()
          setTimeout(() => socket.resume(), 50)
          socket.on('data', (data) => (bytes += data.length))
        },
      ),
    )
    const head = `POST / HTTP/1.1\r\ncontent-length: 9000000\r\n`
    const { status } = await exchange(client, `${head}x: ${'y'.repeat(9_000_000)}\r\n\r\n`)
    expect(status).toBe(200)
    expect(bytes).toBeGreaterThan(9_000_000)
  })

  contract('an answer that ends with the connection is complete, and the connection gone', async () => {
    const client = await clientFor(await serve((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil close')))
    expect(await exchange(client)).toMatchObject({ status: 200, bodyBytes: 11, failure: undefined })
    expect(await exchange(client)).toMatchObject({ status: 200, bodyBytes: 11, failure: undefined })
  })

  contract('a connection that the server closes after its answer is not used again', async () => {
    const client = await clientFor(await serve((socket) => socket.end(answer('ok', 'connection: close\r\n'))))
    for (let i = 0; i < 3; i++) expect((await exchange(client)).failure).toBeUndefined()
  })

  contract('an idle connection that the server closes is dropped without a request', async () => {
    const sockets: Socket[] = []
    const client = await clientFor(
      await serve(
        (socket) => socket.write(answer('ok')),
        (socket) => void sockets.push(socket),
      ),
    )
    await exchange(client)
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, 20))
    await client.poll(now() + 1e6)
    expect((await exchange(client)).failure).toBeUndefined()
  })

  contract(
    'a server that goes away instead of answering resets; on a used connection nobody may have seen the request',
    async () => {
      const client = await clientFor(
        await serve((socket, turn) => {
          if (turn === 0) socket.write(answer('ok'))
          else if (turn === 1) socket.destroy()
          else if (turn === 2) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf')
          else socket.destroy()
        }),
      )
      expect((await exchange(client)).failure).toBeUndefined()
      expect((await exchange(client)).failure).toMatchObject({ kind: 'reset', unseen: true })
      expect((await exchange(client)).failure).toMatchObject({ kind: 'reset', unseen: false })
      // The first on its connection.
      expect((await exchange(client)).failure).toMatchObject({ kind: 'reset', unseen: false })
    },
  )

  contract('an answer that comes before the request was read is the answer, and nothing is sent again', async () => {
    const client = await clientFor(
      await serve(
        (socket) => socket.write(answer('ok')),
        (socket) => {
          socket.on('data', (bytes) => {
            if (!bytes.includes('POST')) return
            socket.pause()
            socket.write('HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
            setTimeout(() => socket.destroy(), 30)
          })
        },
      ),
    )
    await exchange(client)
    const { status, failure } = await exchange(client, `POST / HTTP/1.1\r\nx: ${'y'.repeat(9_000_000)}\r\n\r\n`)
    expect([status, failure]).toEqual([413, undefined])
    expect(client.counts.races).toBe(0)
  })

  contract(
    'a connection opened ahead that the server closes as it is first used was not the request’s fault',
    async () => {
      const sockets: Socket[] = []
      const client = await clientFor(
        await serve(
          () => undefined,
          (socket) => void sockets.push(socket),
        ),
      )
      await client.open(3)
      while (sockets.length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
      const sent = new Sent(request)
      client.send(sent)
      for (const socket of sockets) socket.destroy()
      await ended(client, [sent])
      expect(sent.failure).toMatchObject({ kind: 'reset', unseen: true })
      expect(client.counts.races).toBe(1)
    },
  )

  contract('waiting for an answer takes no CPU', async () => {
    const client = await clientFor(await serve((socket) => setTimeout(() => socket.write(answer('ok')), 200)))
    const sent = new Sent(request)
    client.send(sent)
    let polls = 0
    while (sent.over === 0) {
      await client.poll(now() + 5e6)
      await new Promise((resolve) => setImmediate(resolve))
      polls++
    }
    expect(polls).toBeLessThan(400)
  })

  contract('no answer in time is a timeout, and does not disturb the next', async () => {
    const client = await clientFor(await serve((socket, turn) => turn > 0 && socket.write(answer('ok'))), 100)
    await client.open(1)
    const { failure, started, done } = await exchange(client)
    expect(failure).toMatchObject({ kind: 'timeout', unseen: false })
    expect(done - started).toBeGreaterThan(100e6)
    expect((await exchange(client)).failure).toBeUndefined()
  })

  contract('what is not HTTP is an invalid answer', async () => {
    const client = await clientFor(await serve((socket) => socket.write('SSH-2.0-OpenSSH\r\n')))
    expect((await exchange(client)).failure).toMatchObject({ kind: 'invalid-response' })
  })

  contract('a port where nothing listens refuses', async () => {
    const endpoint = await serve(() => undefined)
    servers.splice(0).forEach((server) => server.close())
    const client = await clientFor(endpoint)
    expect((await exchange(client)).failure).toMatchObject({ kind: 'refused' })
  })

  contract('bytes that nobody asked for end an idle connection, and no request', async () => {
    const client = await clientFor(
      await serve((socket) => {
        socket.write(answer('ok'))
        setTimeout(() => socket.write('HTTP/1.1 408 Request Timeout\r\n\r\n'), 5)
      }),
    )
    await exchange(client)
    await new Promise((resolve) => setTimeout(resolve, 20))
    await client.poll(now() + 1e6)
    expect((await exchange(client)).failure).toBeUndefined()
  })

  contract('poll waits no longer than it is told', async () => {
    const client = await clientFor(await serve(() => undefined))
    await client.poll(now() + 1e6)
    for (const ms of [0, 3, 20]) {
      const until = now() + ms * 1e6
      await client.poll(until)
      expect(now()).toBeGreaterThanOrEqual(until - 0.2e6)
    }
  })
})

test('a name is tried at each of its addresses', async () => {
  const endpoint = await serve((socket) => socket.write(answer('ok')))
  const client = await openClient({ ...endpoint, host: 'localhost' }, options())
  clients.push(client)
  expect((await exchange(client)).status).toBe(200)
})
