// Chooses the client for a server: straight to the kernel for plain TCP where this host lets us, else Node's sockets.
import { lookup } from 'node:dns/promises'
import type { AnswerReader, Client, Endpoint } from './client.ts'
import { DirectClient, type Destination } from './direct/direct-client.ts'
import { openLibc, socketAddress, type Libc } from './direct/libc.ts'
import { testStamps } from './direct/stamp-test.ts'
import { WallClock } from './direct/wall-clock.ts'
import { NodeClient } from './node-client.ts'

export interface ClientOptions {
  readonly reader: () => AnswerReader
  readonly timeoutNs: number
  /** ns on the run's clock. */
  readonly now: () => number
  /** Zero of that clock, a reading of `process.hrtime.bigint`. */
  readonly epoch: bigint
  readonly spin: boolean
}

/** With one connection open where the server takes one. @throws the resolver's error for a name without an address */
export async function openClient(endpoint: Endpoint, options: ClientOptions): Promise<Client> {
  if (endpoint.secure) return new NodeClient(endpoint, options, 'TLS is spoken through Node')
  const libc = openLibc()
  if (!libc.ok) return new NodeClient(endpoint, options, libc.error)
  const clock = new WallClock(libc.value, options.now)
  const stamps = testStamps(libc.value, clock, options.now)
  const stamping = stamps.ok ? { clock, unstamped: undefined } : { clock: undefined, unstamped: stamps.error }
  return firstThatAnswers(await destinations(endpoint), libc.value, { ...options, ...stamping })
}

async function destinations({ host, port }: Endpoint): Promise<readonly Destination[]> {
  const found = await lookup(host, { all: true })
  return found.map(({ address, family }) => {
    const version = family === 6 ? 6 : 4
    return { version, address: socketAddress(address, version, port) }
  })
}

type Stamping = Pick<ConstructorParameters<typeof DirectClient>[0], 'clock' | 'unstamped'>

/** A name may have addresses at which nothing listens. */
async function firstThatAnswers(
  all: readonly Destination[],
  libc: Libc,
  options: ClientOptions & Stamping,
): Promise<Client> {
  let client: DirectClient | undefined
  for (const destination of all) {
    client?.close()
    client = new DirectClient({ ...options, libc, destination })
    await client.open(1)
    if (client.connections > 0) break
  }
  return client!
}
