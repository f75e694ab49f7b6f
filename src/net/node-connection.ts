// Hot path. One keep-alive connection through Node's sockets, with one request outstanding at a time. Bytes are read into a
// buffer of its own and looked at at once: an answer is seen as soon as the event loop sees its last byte.
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type AnswerReader, type ClientCounts, type Endpoint, type Exchange, type Failure } from './client.ts'
import { fail, isRace, sentBetween, usableUntil } from './exchange.ts'

export interface ConnectionOwner {
  /** ns on the run's clock. */
  readonly now: () => number
  reader(): AnswerReader
  readonly counts: ClientCounts
  /** Whether a connection may be used twice. */
  readonly reuses: boolean
  /** Called once, when it is connected. */
  connected(connection: NodeConnection): void
  /** Opens one instead of one that the server closed. */
  replace(): void
  /** It is connected, and free. */
  free(connection: NodeConnection): void
  /** Called once, when the connection cannot be used any more. */
  gone(connection: NodeConnection): void
  /** An exchange has ended, and was told so. */
  ended(): void
}

const readBytes = 1 << 16

export class NodeConnection {
  readonly #socket: Socket
  readonly #reader: AnswerReader
  readonly #owner: ConnectionOwner
  #exchange: Exchange | undefined
  #connected = false
  #gone = false
  #answers = 0
  /** Opened for a request that waits for it. */
  late = false
  /** Not to be used after this, ns. */
  until: number = Number.POSITIVE_INFINITY
  /** When its exchange was given to it, ns; the client looks for those that wait too long. */
  since = 0

  constructor(endpoint: Endpoint, owner: ConnectionOwner) {
    this.#owner = owner
    this.#reader = owner.reader()
    const { host, port } = endpoint
    if (endpoint.secure) {
      const named = isIP(host) === 0 ? { servername: host } : {}
      this.#socket = connectTls({ host, port, ALPNProtocols: ['http/1.1'], ...named })
      this.#socket.setNoDelay(true)
      this.#socket.on('data', (bytes: Buffer) => this.#take(bytes, bytes.length))
    } else {
      const buffer = Buffer.allocUnsafeSlow(readBytes)
      const callback = (length: number): boolean => {
        this.#take(buffer, length)
        return true
      }
      this.#socket = connectTcp({ host, port, noDelay: true, onread: { buffer, callback } })
    }
    this.#socket.once(endpoint.secure ? 'secureConnect' : 'connect', () => this.#connect())
    this.#socket.on('end', () => this.#ended())
    this.#socket.on('error', (error) => this.giveUp(kindOf(error), describe(error)))
    this.#socket.on('close', () => this.giveUp('reset', 'closed before the answer was complete'))
  }

  get usable(): boolean {
    return !this.#gone
  }
  get connecting(): boolean {
    return !this.#connected && !this.#gone
  }
  get waiting(): boolean {
    return this.#exchange !== undefined
  }

  /** Only on a usable connection that waits for nothing; what is to be sent before it is connected goes out then. */
  send(exchange: Exchange): void {
    this.#exchange = exchange
    this.since = this.#owner.now()
    if (!this.#connected) return
    this.#transmit(exchange)
    // An answer has its whole time from the moment the request left.
    this.since = exchange.started
  }

  giveUp(kind: Failure['kind'], message: string): void {
    const exchange = this.#exchange
    const at = this.#owner.now()
    const used = { reader: this.#reader, answers: this.#answers, late: this.late }
    const unseen = exchange !== undefined && kind === 'reset' && isRace(used, exchange, at)
    if (unseen) this.#owner.counts.races++
    this.#exchange = undefined
    this.#drop()
    if (!exchange) return
    fail(exchange, { kind, message, unseen }, at)
    this.#owner.ended()
  }

  close(): void {
    this.#gone = true
    this.#exchange = undefined
    this.#socket.destroy()
  }

  #connect(): void {
    this.#connected = true
    this.#owner.connected(this)
    if (this.#exchange) this.#transmit(this.#exchange)
    else this.#owner.free(this)
  }

  #transmit(exchange: Exchange): void {
    const { now } = this.#owner
    this.#reader.expect()
    const before = now()
    this.#socket.write(exchange.bytes)
    sentBetween(exchange, before, now())
  }

  #take(bytes: Buffer, length: number): void {
    const exchange = this.#exchange
    if (!exchange) {
      // Nothing was asked: a server that talks out of turn (408, or a protocol of its own) ends this connection.
      this.#drop()
      return
    }
    // Before anything is done with the bytes: an answer ends when its last byte is here. Later bytes move it.
    exchange.done = exchange.seen = this.#owner.now()
    exchange.stampedBy = 'user'
    if (!this.#reader.begun) exchange.first = exchange.done
    let complete: boolean
    try {
      complete = this.#reader.push(bytes, length)
    } catch (error) {
      this.giveUp('invalid-response', (error as Error).message)
      return
    }
    if (complete) this.#complete(exchange)
  }

  #complete(exchange: Exchange): void {
    const { status, bodyBytes, keepAlive, keepAliveMs } = this.#reader
    exchange.status = status
    exchange.bodyBytes = bodyBytes
    this.#exchange = undefined
    this.#answers++
    this.until = usableUntil(exchange.seen, keepAliveMs)
    if (keepAlive && this.#owner.reuses) this.#owner.free(this)
    else {
      this.#drop()
      this.#owner.replace()
    }
    exchange.ended()
    this.#owner.ended()
  }

  #ended(): void {
    const exchange = this.#exchange
    if (exchange && this.#reader.end()) this.#complete(exchange)
    else this.giveUp('reset', 'other side closed')
  }

  #drop(): void {
    if (this.#gone) return
    this.#gone = true
    this.#socket.destroy()
    this.#owner.gone(this)
  }
}

const kinds: Readonly<Record<string, Failure['kind']>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
}
const kindOf = ({ code = '' }: NodeJS.ErrnoException): Failure['kind'] => kinds[code] ?? 'error'

// Several addresses tried give an error with an empty message of its own.
function describe(error: Error): string {
  const inner = (error as { errors?: readonly Error[] }).errors?.[0]
  return error.message || inner?.message || (error as NodeJS.ErrnoException).code || error.name
}
