// Hot path. The client that speaks to the kernel itself: non-blocking sockets in one epoll set, in the load thread's own loop.
import {
  racesUntilWary,
  type AnswerReader,
  type Client,
  type ClientCounts,
  type Exchange,
  type Failure,
  type StampedBy,
} from '../client.ts'
import { fail, restart, usableUntil } from '../exchange.ts'
import { Connection } from './connection.ts'
import { error, family, level, option, pinned, stream, type Libc } from './libc.ts'
import { kindOf, systemText } from './system-error.ts'
import { broken, Poller, readable, writable } from './poller.ts'
import { Receiver } from './receiver.ts'
import type { WallClock } from './wall-clock.ts'

/** An address of the server, as the system takes it. */
export interface Destination {
  readonly version: 4 | 6
  readonly address: Buffer
}

export interface DirectOptions {
  readonly libc: Libc
  /** ns on the run's clock. */
  readonly now: () => number
  readonly destination: Destination
  readonly reader: () => AnswerReader
  readonly timeoutNs: number
  /** Left out: we stamp. */
  readonly clock: WallClock | undefined
  readonly unstamped: string | undefined
}

/** Longest wait, ns: nobody wakes us when the load is stopped. */
const longestWait = 50e6
/** How often the distance of the two clocks is found anew, ns. */
const lookNs = 20e6
/** A stamp may lie outside the times around it by what the two clocks are known to, ns. */
const slack = 5_000

const yes = pinned(4)
yes.writeInt32LE(1)

export class DirectClient implements Client {
  readonly stamps: 'kernel' | 'user'
  readonly unstamped: string | undefined
  readonly burst = 1
  readonly counts: ClientCounts = { openedLate: 0, slowestOpening: 0, races: 0, clockSteps: 0 }
  readonly #options: DirectOptions
  readonly #poller: Poller
  readonly #receiver: Receiver
  readonly #byFd: (Connection | undefined)[] = []
  readonly #all = new Set<Connection>()
  readonly #idle: Connection[] = []
  readonly #value = pinned(4)
  readonly #length = pinned(4)
  #looked: number
  #lateLook: number

  constructor(options: DirectOptions) {
    const { libc, clock, now } = options
    this.#options = options
    this.stamps = clock ? 'kernel' : 'user'
    this.unstamped = options.unstamped
    this.#poller = new Poller(libc)
    this.#receiver = new Receiver(libc, clock)
    this.#looked = this.#lateLook = now()
  }

  get connections(): number {
    return this.#all.size
  }

  async open(connections: number): Promise<void> {
    const { now, timeoutNs } = this.#options
    const opening: Connection[] = []
    for (let i = this.#all.size; i < connections; i++) {
      const connection = this.#connect()
      if (typeof connection === 'string') break
      opening.push(connection)
    }
    const limit = now() + timeoutNs
    while (now() < limit && opening.some(({ state }) => state === 'connecting'))
      this.poll(Math.min(limit, now() + longestWait))
  }

  send(exchange: Exchange, fresh = false): void {
    restart(exchange)
    const idle = fresh ? undefined : this.#free()
    if (idle) return this.#begin(idle, exchange)
    const connection = this.#connect()
    if (typeof connection === 'string')
      return fail(exchange, { kind: 'error', message: connection, unseen: false }, this.#options.now())
    connection.exchange = exchange
    connection.late = true
    this.counts.openedLate++
  }

  poll(until: number): void {
    const { now, clock } = this.#options
    const left = until - now()
    const found = this.#poller.wait(left > 0 ? Math.min(left, longestWait) : 0)
    const at = now()
    if (clock && at - this.#looked > lookNs) {
      if (clock.look()) this.counts.clockSteps++
      this.#looked = at
    }
    for (let i = 0; i < found; i++) this.#told(this.#poller.fd(i), this.#poller.events(i))
    if (at - this.#lateLook > this.#options.timeoutNs / 20) this.#endLate(at)
  }

  close(): void {
    for (const connection of this.#all) this.#drop(connection)
    this.#poller.close()
  }

  #told(fd: number, events: number): void {
    const connection = this.#byFd[fd]
    if (!connection) {
      this.#poller.isOwn(fd)
      return
    }
    if (connection.state === 'connecting') return this.#connected(connection)
    if ((events & writable) !== 0 && connection.state === 'sending') this.#transmit(connection)
    // A failure is read as one.
    if ((events & (readable | broken)) !== 0 && connection.state !== 'gone') this.#receive(connection)
  }

  #connect(): Connection | string {
    const { libc, destination, reader } = this.#options
    const fd = libc.socket(family[destination.version], stream.nonBlocking, 0)
    if (fd < 0) return systemText(libc.errno())
    libc.setsockopt(fd, level.tcp, option.noDelay, yes, 4)
    this.#receiver.watch(fd)
    const connection = new Connection(fd, reader(), this.#options.now())
    this.#byFd[fd] = connection
    this.#all.add(connection)
    this.#poller.add(fd, readable | writable)
    if (libc.connect(fd, destination.address, destination.address.length) !== 0) {
      const code = libc.errno()
      if (code !== error.inProgress) {
        this.#drop(connection)
        return systemText(code)
      }
    }
    return connection
  }

  #connected(connection: Connection): void {
    const { libc, now } = this.#options
    this.#length.writeUInt32LE(4)
    libc.getsockopt(connection.fd, level.socket, option.error, this.#value, this.#length)
    const code = this.#value.readInt32LE()
    const { exchange } = connection
    if (code !== 0) {
      this.#drop(connection)
      if (exchange) fail(exchange, { kind: kindOf(code), message: systemText(code), unseen: false }, now())
      return
    }
    this.#poller.modify(connection.fd, readable)
    connection.state = 'idle'
    connection.exchange = undefined
    if (connection.late) this.counts.slowestOpening = Math.max(this.counts.slowestOpening, now() - connection.since)
    if (exchange) this.#begin(connection, exchange)
    else this.#idle.push(connection)
  }

  #begin(connection: Connection, exchange: Exchange): void {
    connection.begin(exchange, this.#options.now())
    this.#transmit(connection)
  }

  #transmit(connection: Connection): void {
    const { libc, now } = this.#options
    const first = connection.sent === 0
    const code = connection.transmit(libc, now)
    if (code !== 0) return this.#fail(connection, kindOf(code), systemText(code))
    const whole = connection.state === 'waiting'
    if (whole !== first) this.#poller.modify(connection.fd, whole ? readable : readable | writable)
  }

  #receive(connection: Connection): void {
    const { libc, now } = this.#options
    const receiver = this.#receiver
    const length = receiver.read(connection.fd)
    const seen = now()
    const { exchange, reader } = connection
    if (length < 0) {
      const code = libc.errno()
      if (code !== error.again && code !== error.interrupted) this.#fail(connection, kindOf(code), systemText(code))
      return
    }
    // Nothing was asked: the server closed, or talks out of turn (408); either ends this connection.
    if (!exchange) return this.#drop(connection)
    if (length === 0) {
      if (reader.end()) this.#complete(connection, exchange)
      else this.#fail(connection, 'reset', 'other side closed')
      return
    }
    const stamp = this.#stampOf(exchange, seen)
    if (!reader.begun) exchange.first = stamp
    exchange.done = stamp
    exchange.seen = seen
    let complete: boolean
    try {
      complete = reader.push(receiver.bytes, length)
    } catch (fault) {
      return this.#fail(connection, 'invalid-response', (fault as Error).message)
    }
    if (complete) this.#complete(connection, exchange)
  }

  /** Sets who stamped. What the clocks contradict, or was stamped while the wall clock was set, is not believed. */
  #stampOf(exchange: Exchange, seen: number): number {
    const { clock } = this.#options
    const { stamp } = this.#receiver
    const by: StampedBy =
      clock && stamp >= exchange.started - slack && stamp <= seen + slack && exchange.started > clock.steppedAt
        ? 'kernel'
        : 'user'
    exchange.stampedBy = by
    return by === 'kernel' ? Math.min(seen, Math.max(exchange.started, stamp)) : seen
  }

  #complete(connection: Connection, exchange: Exchange): void {
    const { status, bodyBytes, keepAlive, keepAliveMs } = connection.reader
    exchange.status = status
    exchange.bodyBytes = bodyBytes
    connection.exchange = undefined
    connection.answers++
    // An answer before the request was sent whole: what is left of it would be read as another.
    if (keepAlive && connection.state === 'waiting' && this.counts.races < racesUntilWary) {
      connection.state = 'idle'
      connection.until = usableUntil(exchange.seen, keepAliveMs)
      this.#idle.push(connection)
    } else {
      this.#drop(connection)
      // Opened now, the next request does not wait for it.
      this.#connect()
    }
    exchange.ended()
  }

  #fail(connection: Connection, kind: Failure['kind'], message: string): void {
    const { exchange, reader, answers } = connection
    this.#drop(connection)
    const unseen = kind === 'reset' && answers > 0 && !reader.begun
    if (unseen && exchange) this.counts.races++
    if (exchange) fail(exchange, { kind, message, unseen }, this.#options.now())
  }

  #free(): Connection | undefined {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (idle.until > this.#options.now()) return idle
      this.#drop(idle)
    }
    return undefined
  }

  #drop(connection: Connection): void {
    if (connection.state === 'gone') return
    if (connection.state === 'idle') {
      const at = this.#idle.indexOf(connection)
      if (at >= 0) this.#idle.splice(at, 1)
    }
    connection.state = 'gone'
    connection.exchange = undefined
    this.#byFd[connection.fd] = undefined
    this.#all.delete(connection)
    // Closing takes it out of the epoll set.
    this.#options.libc.close(connection.fd)
  }

  #endLate(at: number): void {
    this.#lateLook = at
    const { timeoutNs } = this.#options
    for (const connection of this.#all) {
      if (connection.exchange && connection.since < at - timeoutNs)
        this.#fail(connection, 'timeout', `none within ${timeoutNs / 1e6} ms`)
    }
  }
}
