// Hot path. The client that speaks to the kernel itself: non-blocking sockets in one epoll set, in the load thread's own loop.
import { setImmediate as turn } from 'node:timers/promises'
import {
  racesUntilWary,
  type AnswerReader,
  type Burst,
  type Client,
  type ClientCounts,
  type Exchange,
  type Failure,
} from '../client.ts'
import { fail, isRace, restart, usableUntil } from '../exchange.ts'
import { Connection } from './connection.ts'
import { SocketStatus, startConnecting, type Destination } from './socket.ts'
import { error, type Libc } from './libc.ts'
import { kindOf, systemText } from './system-error.ts'
import { broken, Poller, readable, writable } from './poller.ts'
import { Receiver } from './receiver.ts'
import type { Stamping } from './stamp-test.ts'
import { ClockAlarm, type WallClock } from './wall-clock.ts'

export interface DirectOptions {
  readonly libc: Libc
  /** ns on the run's clock. */
  readonly now: () => number
  readonly destination: Destination
  readonly reader: () => AnswerReader
  readonly timeoutNs: number
  /** Left out: we stamp. */
  readonly clock: WallClock | undefined
  readonly stamping: Stamping | undefined
  readonly unstamped: string | undefined
}

/** Longest wait, ns: nobody wakes us when the load is stopped. */
const longestWait = 50e6
/** The same while connections are opened ahead: others use the thread too. */
const openingWait = 5e6
/** How often the distance of the two clocks is looked at, ns; when the wall clock is set, at once. */
const lookNs = 20e6

export class DirectClient implements Client {
  readonly stamps: 'kernel' | 'user'
  readonly unstamped: string | undefined
  readonly burst: Burst = { open: 1, closed: 64 }
  readonly counts: ClientCounts = { openedLate: 0, slowestOpening: 0, races: 0, clockSteps: 0 }
  readonly #options: DirectOptions
  readonly #poller: Poller
  readonly #receiver: Receiver
  readonly #byFd: (Connection | undefined)[] = []
  readonly #all = new Set<Connection>()
  readonly #idle: Connection[] = []
  readonly #status = new SocketStatus()
  readonly #alarm: ClockAlarm | undefined
  /** Connections on their way that no request waits for. */
  readonly #opening: Connection[] = []
  /** As many as there were at a time: no more are opened ahead. */
  #most = 0
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
    if (clock) {
      this.#alarm = new ClockAlarm(libc)
      this.#poller.add(this.#alarm.fd, readable)
    }
  }

  get connections(): number {
    return this.#all.size
  }

  async open(connections: number): Promise<void> {
    const { now, timeoutNs } = this.#options
    this.counts.openedLate = this.counts.slowestOpening = 0
    while (this.#all.size < connections && typeof this.#connect() !== 'string');
    const limit = now() + timeoutNs
    while (now() < limit && this.#opening.length > 0) {
      this.poll(Math.min(limit, now() + openingWait))
      await turn()
    }
    while (this.#opening.length > 0) this.#drop(this.#opening[0]!)
  }

  send(exchange: Exchange, fresh = false): void {
    restart(exchange)
    const idle = fresh ? undefined : this.#free()
    if (idle) return this.#begin(idle, exchange)
    const connection = this.#opening.pop() ?? this.#connect(true)
    if (typeof connection === 'string')
      return fail(exchange, { kind: 'error', message: connection, unseen: false }, this.#options.now())
    connection.exchange = exchange
    connection.since = this.#options.now()
    connection.late = true
    this.counts.openedLate++
  }

  poll(until: number): void {
    const { now, clock } = this.#options
    const left = until - now()
    const found = this.#poller.wait(left > 0 ? Math.min(left, longestWait) : 0)
    const at = now()
    // Before a stamp of the batch is read.
    if (clock && (at - this.#looked > lookNs || this.#clockWasSet(found))) {
      if (clock.look()) this.counts.clockSteps++
      this.#looked = at
    }
    for (let i = 0; i < found; i++) this.#told(this.#poller.fd(i), this.#poller.events(i))
    if (at - this.#lateLook > this.#options.timeoutNs / 20) this.#endLate(at)
  }

  close(): void {
    for (const connection of this.#all) this.#drop(connection)
    this.#alarm?.close()
    this.#options.stamping?.close()
    this.#poller.close()
  }

  #clockWasSet(found: number): boolean {
    for (let i = 0; i < found; i++) if (this.#poller.fd(i) === this.#alarm!.fd) return this.#alarm!.take()
    return false
  }

  #told(fd: number, events: number): void {
    const connection = this.#byFd[fd]
    if (!connection) {
      this.#poller.isOwn(fd)
      return
    }
    if (connection.state === 'connecting') return this.#connected(connection)
    // Answers first: one may have come before the request was sent whole. A failure is read as one.
    if ((events & (readable | broken)) !== 0) this.#receive(connection)
    if ((events & writable) !== 0 && connection.state === 'sending') this.#transmit(connection)
  }

  /** @param taken by a request that waits for it */
  #connect(taken = false): Connection | string {
    const { libc, destination, reader, now } = this.#options
    const fd = startConnecting(libc, destination)
    if (fd < 0) return systemText(-fd)
    this.#receiver.watch(fd)
    const connection = new Connection(fd, reader(), now())
    this.#byFd[fd] = connection
    this.#all.add(connection)
    this.#most = Math.max(this.#most, this.#all.size)
    if (!taken) this.#opening.push(connection)
    this.#poller.add(fd, readable | writable)
    return connection
  }

  #connected(connection: Connection): void {
    const { libc, now } = this.#options
    const code = this.#status.of(libc, connection.fd)
    const { exchange } = connection
    this.#settled(connection)
    if (code !== 0) {
      this.#drop(connection)
      if (exchange) fail(exchange, { kind: kindOf(code), message: systemText(code), unseen: false }, now())
      return
    }
    this.#poller.modify(connection.fd, readable)
    connection.state = 'idle'
    if (connection.late) this.counts.slowestOpening = Math.max(this.counts.slowestOpening, now() - connection.since)
    if (exchange) this.#begin(connection, exchange)
    else this.#idle.push(connection)
  }

  #begin(connection: Connection, exchange: Exchange): void {
    // One that waited for the connection has waited since it was given.
    if (connection.exchange === undefined) connection.since = this.#options.now()
    connection.begin(exchange)
    this.#transmit(connection)
  }

  #transmit(connection: Connection): void {
    const { libc, now } = this.#options
    const code = connection.transmit(libc, now)
    // A server that closed may have said why first.
    if (code === error.reset || code === error.brokenPipe) return this.#receive(connection)
    if (code !== 0) return this.#fail(connection, kindOf(code), systemText(code))
    const writing = connection.state === 'sending'
    if (writing === connection.writing) return
    connection.writing = writing
    this.#poller.modify(connection.fd, writing ? readable | writable : readable)
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
    const stamp = receiver.date(exchange, seen)
    // The first reading may have come without a stamp of the kernel's, and ours is later.
    exchange.first = reader.begun ? Math.min(exchange.first, stamp) : stamp
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
      // Opened now, so that the next request waits less for it.
      if (this.#all.size < this.#most) this.#connect()
    }
    exchange.ended()
  }

  #fail(connection: Connection, kind: Failure['kind'], message: string): void {
    const { exchange } = connection
    this.#drop(connection)
    if (!exchange) return
    const at = this.#options.now()
    const unseen = kind === 'reset' && isRace(connection, exchange, at)
    if (unseen) this.counts.races++
    fail(exchange, { kind, message, unseen }, at)
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
    this.#settled(connection)
    connection.state = 'gone'
    connection.exchange = undefined
    this.#byFd[connection.fd] = undefined
    this.#all.delete(connection)
    // Closing takes it out of the epoll set.
    this.#options.libc.close(connection.fd)
  }

  /** It is connected, or will not be. */
  #settled(connection: Connection): void {
    const at = this.#opening.indexOf(connection)
    if (at >= 0) this.#opening.splice(at, 1)
  }

  #endLate(at: number): void {
    this.#lateLook = at
    const { timeoutNs } = this.#options
    for (const connection of this.#all) {
      const waits = connection.exchange !== undefined || connection.state === 'connecting'
      if (waits && connection.since < at - timeoutNs)
        this.#fail(connection, 'timeout', `none within ${timeoutNs / 1e6} ms`)
    }
  }
}
