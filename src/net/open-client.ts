// Chooses the client for a server: straight to the kernel for plain TCP where this host lets us, else Node's sockets.
import { lookup } from 'node:dns/promises'
import type { Client, ClientOptions, Endpoint } from './client.ts'
import { DirectClient, type DirectOptions } from './direct/direct-client.ts'
import type { Destination } from './direct/socket.ts'
import { openLibc, socketAddress, type Libc } from './direct/libc.ts'
import { testStamps } from './direct/stamp-test.ts'
import { WallClock } from './direct/wall-clock.ts'
import { NodeClient } from './node-client.ts'

/** @throws the resolver's error for a name without an address */
export async function openClient(endpoint: Endpoint, options: ClientOptions): Promise<Client> {
  if (endpoint.secure) return new NodeClient(endpoint, options, 'TLS is spoken through Node')
  const libc = openLibc()
  if (!libc.ok) return new NodeClient(endpoint, options, libc.error)
  const all = await destinations(endpoint)
  const destination = all.length > 1 ? await firstThatAnswers(all, libc.value, options) : all[0]!
  const clock = new WallClock(libc.value, options.now)
  const stamps = await testStamps(libc.value, clock, options.now)
  const kept = stamps.ok
    ? { clock, stamping: stamps.value, unstamped: undefined }
    : { clock: undefined, stamping: undefined, unstamped: stamps.error }
  return new DirectClient({ ...options, ...kept, libc: libc.value, destination })
}

async function destinations({ host, port }: Endpoint): Promise<readonly Destination[]> {
  const found = await lookup(host, { all: true })
  return found.map(({ address, family }) => {
    const version = family === 6 ? 6 : 4
    return { version, address: socketAddress(address, version, port) }
  })
}

/** How long one of several addresses has to answer, ns. */
const oneOfSeveral = 1e9

/** A name may have addresses at which nothing listens, or none answers; where all are so, the first. */
async function firstThatAnswers(
  all: readonly Destination[],
  libc: Libc,
  options: Pick<DirectOptions, 'reader' | 'now' | 'timeoutNs'>,
): Promise<Destination> {
  const timeoutNs = Math.min(options.timeoutNs, oneOfSeveral)
  const unstamped = { clock: undefined, stamping: undefined, unstamped: undefined }
  for (const destination of all) {
    const client = new DirectClient({ ...options, ...unstamped, timeoutNs, libc, destination })
    await client.open(1)
    const answers = client.connections > 0
    client.close()
    if (answers) return destination
  }
  return all[0]!
}
