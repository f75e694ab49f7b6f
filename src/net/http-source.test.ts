// Against servers on loopback that are sockets: what goes over the wire is written here byte by byte.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { HttpSource } from './http-source.ts'

/** Called for each request with its text, its number from 1 and that of its connection. */
type Handler = (socket: Socket, request: string, number: number, connection: number) => void

interface RawServer {
  readonly origin: string
  readonly name: string
  readonly requests: string[]
  readonly sockets: Socket[]
}

const servers: Server[] = []
const sources: HttpSource[] = []

async function serve(handler: Handler): Promise<RawServer> {
  const requests: string[] = []
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    const connection = sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => handler(socket, bytes.toString('latin1'), requests.push(String(bytes)), connection))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  const name = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return { origin: `http://${name}`, name, requests, sockets }
}

const sourceOf = ({ origin }: { readonly origin: string }, timeoutMs = 2000, maxBytes = 1024): HttpSource => {
  const source = new HttpSource(origin, { clock: () => performance.now(), timeoutMs, maxBytes })
  sources.push(source)
  return source
}

afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.close()))
  for (const server of servers.splice(0)) server.close()
})

const answer = (body: string, head = ''): string =>
  `HTTP/1.1 200 OK\r\n${head}content-length: ${body.length}\r\n\r\n${body}`

async function reasonOf(source: HttpSource): Promise<string> {
  const result = await source.get('/')
  return result.ok ? `it works: ${result.value.text}` : `${result.error.reason} -> ${result.error.remedy}`
}

test('an answer has its status, headers by lower-case name and text; those given twice are lists', async () => {
  const server = await serve((socket) =>
    socket.write(
      'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic a\r\nwww-authenticate: Digest b\r\nX-One: 1\r\n' +
        'transfer-encoding: chunked\r\n\r\n4\r\ngr\xc3\xb6\r\n4\r\n\xc3\x9fe!\r\n0\r\n\r\n',
      'latin1',
    ),
  )
  const result = await sourceOf(server).get('/a?b=c%20d', { 'x-key': 'k' })
  expect(result).toMatchObject({ ok: true, value: { status: 401, text: 'größe!' } })
  expect(result.ok && result.value.headers).toMatchObject({
    'www-authenticate': ['Basic a', 'Digest b'],
    'x-one': '1',
  })
  const [request] = server.requests
  expect(request).toMatch(/^GET \/a\?b=c%20d HTTP\/1\.1\r\n/)
  expect(request).toMatch(new RegExp(`^host: ${server.name}\r$`, 'im'))
  expect(request).toMatch(/^connection: keep-alive\r$/im)
  expect(request).toMatch(/^x-key: k\r$/im)
  // A compressed answer could not be bounded by its size.
  expect(request).not.toMatch(/accept-encoding/i)
})

test('what it says was true between the request and the answer’s head, whenever the body ends', async () => {
  const server = await serve((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n')
    setTimeout(() => socket.write('ok'), 150)
  })
  const before = performance.now()
  const result = await sourceOf(server).get('/')
  const after = performance.now()
  if (!result.ok) throw new Error(result.error.reason)
  const { sent, received } = result.value
  expect(sent).toBeGreaterThanOrEqual(before)
  expect(received).toBeGreaterThan(sent)
  expect(after - received).toBeGreaterThan(100)
})

test('the connection is kept; where the server closes it a new one is opened', async () => {
  const server = await serve((socket, _, number) => {
    socket.write(answer(`${number}`, number === 2 ? 'connection: close\r\n' : ''))
    if (number === 2) socket.end()
  })
  const source = sourceOf(server)
  const texts = []
  for (let i = 0; i < 4; i++) texts.push(await reasonOf(source))
  expect(texts).toEqual(['it works: 1', 'it works: 2', 'it works: 3', 'it works: 4'])
  expect(server.sockets).toHaveLength(2)
})

test('requests made at once go over one connection one after the other', async () => {
  let open = 0
  let most = 0
  const server = await serve((socket, _, number) => {
    most = Math.max(most, ++open)
    setTimeout(() => {
      open--
      socket.write(answer(`${number}`))
    }, 20)
  })
  const source = sourceOf(server)
  expect(await Promise.all([reasonOf(source), reasonOf(source), reasonOf(source)])).toHaveLength(3)
  expect(most).toBe(1)
  expect(server.sockets).toHaveLength(1)
})

test('a request on a kept connection that the server drops is asked once more, and only once', async () => {
  const server = await serve((socket, _, number) => (number === 2 ? socket.destroy() : socket.write(answer('fine'))))
  const source = sourceOf(server)
  expect(await reasonOf(source)).toBe('it works: fine')
  expect(await reasonOf(source)).toBe('it works: fine')
  expect(server.requests).toHaveLength(3)
  const gone = await serve((socket) => socket.destroy())
  expect(await reasonOf(sourceOf(gone))).toBe(
    `${gone.name} closed the connection in mid-answer -> check that it is alive, and not asked by too many at once`,
  )
  expect(gone.requests).toHaveLength(2)
})

test.each([
  ['before its head', ''],
  ['in its head', 'HTTP/1.1 200 OK\r\ncontent-'],
  ['in its body', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'],
  ['in a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf'],
])('an answer cut off %s is none', async (_, bytes) => {
  const server = await serve((socket) => socket.end(bytes))
  expect(await reasonOf(sourceOf(server))).toContain(`${server.name} closed the connection in mid-answer`)
})

test.each([
  ['says nothing', ''],
  ['stops in its head', 'HTTP/1.1 200 OK\r\ncontent-'],
  ['stops in its body', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'],
])('a server that %s is waited for until the time is over, and not asked again', async (_, bytes) => {
  const server = await serve((socket) => socket.write(bytes))
  expect(await reasonOf(sourceOf(server, 150))).toBe(
    `no answer from ${server.name} within 0.15 s -> check that it is switched on and reachable from here`,
  )
  expect(server.requests).toHaveLength(1)
  await sleep(20)
  expect(server.sockets[0]!.destroyed).toBe(true)
})

test('one that waits for another’s answer has no more time than one that does not', async () => {
  const server = await serve(() => undefined)
  const source = sourceOf(server, 150)
  const from = performance.now()
  for (const reason of await Promise.all([reasonOf(source), reasonOf(source)]))
    expect(reason).toMatch(/^no answer from/)
  expect(performance.now() - from).toBeLessThan(280)
})

test('a redirect is an answer like any other: it is not followed', async () => {
  const other = await serve((socket) => socket.write(answer('followed')))
  const server = await serve((socket) =>
    socket.write(`HTTP/1.1 302 Found\r\nlocation: ${other.origin}/\r\ncontent-length: 0\r\n\r\n`),
  )
  const result = await sourceOf(server).get('/', { authorization: 'secret' })
  expect(result).toMatchObject({
    ok: true,
    value: { status: 302, headers: { location: `${other.origin}/` }, text: '' },
  })
  expect(other.requests).toEqual([])
})

test('more than the limit is refused as soon as it came, and the connection goes', async () => {
  const server = await serve((socket) => socket.write(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(1025)}`))
  const refused = `${server.name} answers with more than 1 kB -> check that the address is that of the meter`
  const source = sourceOf(server)
  expect(await reasonOf(source)).toBe(refused)
  expect(await reasonOf(source)).toBe(refused)
  expect(server.sockets).toHaveLength(2)
  const exact = await serve((socket) => socket.write(answer('x'.repeat(1024))))
  expect(await reasonOf(sourceOf(exact))).toMatch(/^it works/)
})

test.each([
  ['greets', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['has a broken head', 'HTTP/1.1 200 OK\r\nno colon\r\n\r\n'],
  ['has a broken chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ['has two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
])('what %s does not speak HTTP', async (_, bytes) => {
  const server = await serve((socket) => socket.write(bytes))
  expect(await reasonOf(sourceOf(server))).toBe(
    `what answers at ${server.name} does not speak HTTP -> check the address and the port`,
  )
})

test('interim answers are passed over; a switch of protocols is no answer', async () => {
  const early = await serve((socket) => socket.write(`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${answer('fine')}`))
  expect(await reasonOf(sourceOf(early))).toBe('it works: fine')
  const other = await serve((socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nhello'),
  )
  expect(await reasonOf(sourceOf(other))).toMatch(/closed the connection in mid-answer/)
})

test('bytes that nobody asked for end the connection and harm nothing', async () => {
  const server = await serve((socket) => socket.write(`${answer('fine')}and more that is no HTTP`))
  const source = sourceOf(server)
  expect(await reasonOf(source)).toMatch(/^it works: fine|does not speak HTTP/)
  await sleep(50)
  expect(await reasonOf(source)).toMatch(/^it works: fine|does not speak HTTP/)
})

test('nothing that listens, and a name that nobody knows', async () => {
  const server = await serve(() => undefined)
  servers.pop()!.close()
  expect(await reasonOf(sourceOf(server))).toBe(
    `nothing listens at ${server.name} (ECONNREFUSED) -> check the address and the port`,
  )
  expect(await reasonOf(sourceOf({ origin: 'http://meter.invalid' }))).toMatch(
    /^the name meter\.invalid is not known \(E\w+\) -> check the name, or give the IP address$/,
  )
})

test('TLS that fails is named by its own error', async () => {
  const server = await serve((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  expect(await reasonOf(sourceOf({ origin: server.origin.replace('http:', 'https:') }))).toMatch(
    /^127\.0\.0\.1:\d+ cannot be asked \(ERR_SSL_\w+\) -> check the address and the network$/,
  )
})

test('a server that nobody vouches for is sent nothing', async () => {
  let bytes = 0
  const protocols: string[] = []
  const pem = (what: string, text: string): string => `-----BEGIN ${what}-----\n${text}\n-----END ${what}-----\n`
  const server = createTlsServer({
    key: pem('PRIVATE KEY', selfSigned.key),
    cert: pem('CERTIFICATE', selfSigned.certificate),
    ALPNCallback: (offered) => {
      protocols.push(...offered.protocols)
      return 'http/1.1'
    },
  })
  server.on('tlsClientError', () => undefined)
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => (bytes += chunk.length))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  const { port } = server.address() as AddressInfo
  const result = await sourceOf({ origin: `https://127.0.0.1:${port}` }).get('/', { authorization: 'secret' })
  expect(result).toMatchObject({
    ok: false,
    error: { reason: `127.0.0.1:${port} cannot be asked (DEPTH_ZERO_SELF_SIGNED_CERT)` },
  })
  await sleep(50)
  expect(bytes).toBe(0)
  expect(protocols).toEqual(['http/1.1'])
})

/** Of localhost, for this test only, from 2020 to 2120. */
const selfSigned = {
  key:
    'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0/02Ue6KMqtkU5OwwxSLDpbzPWFhEmkjOBtbkTEs9YuhRANCAAQq' +
    'ErgqcCybRKLBX7ksR5UOFQaNtjziDbEU8LNOJnmlXoCEm731mqbaoIZshFwRxkI8oUJCdrXevUanI++JnKey',
  certificate:
    'MIIBETCBuAIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAw' +
    'MDBaMBQxEjAQBgNVBAMMCWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCoSuCpwLJtEosFfuSxHlQ4VBo22POIN' +
    'sRTws04meaVegISbvfWaptqghmyEXBHGQjyhQkJ2td69Rqcj74mcp7IwCgYIKoZIzj0EAwIDSAAwRQIgdqsB7hHxDboj6umXo8++' +
    'K0zfczUxAkjaLoQ04U8042ECIQCuEWjAkAx1UaPnF4nK+vQZHHGCNrunentK+VIkPyjPhQ==',
}

test('closing gives the connections back, and what is under way is not asked again', async () => {
  const server = await serve((socket, _, number) => (number === 1 ? socket.write(answer('fine')) : undefined))
  const source = sourceOf(server)
  expect(await reasonOf(source)).toBe('it works: fine')
  const pending = reasonOf(source)
  await expect.poll(() => server.requests.length).toBe(2)
  await source.close()
  expect(await pending).not.toMatch(/^it works/)
  await sleep(50)
  expect(server.requests).toHaveLength(2)
  expect(server.sockets.every(({ destroyed }) => destroyed)).toBe(true)
})
