// Hot path. One keep-alive connection to the server, with one request outstanding at a time. Bytes are read into a buffer
// of its own and looked at at once: an answer is seen as soon as the event loop sees its last byte.
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { ConnectionClosed, type Answer, type Endpoint, type RequestTimer } from './client.ts'
import { ResponseParser } from './http1/response-parser.ts'

/** Told once for each request: the answer, or why there is none. */
export interface Exchange {
  readonly timer: RequestTimer
  done(answer: Answer): void
  failed(error: Error): void
}

const readBytes = 1 << 16

export class NodeConnection {
  readonly #socket: Socket
  readonly #parser = new ResponseParser()
  readonly #onGone: (connection: NodeConnection) => void
  #exchange: Exchange | undefined
  #gone = false
  /** When the request was sent, on the caller's clock; the client looks for those that wait too long. */
  sentAt = 0

  /** @param onGone called once, when the connection cannot be used any more */
  constructor(endpoint: Endpoint, onGone: (connection: NodeConnection) => void) {
    this.#onGone = onGone
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
    this.#socket.on('end', () => this.#ended())
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('close', () => this.#fail(new ConnectionClosed('closed before the answer was complete')))
  }

  get usable(): boolean {
    return !this.#gone
  }
  get waiting(): boolean {
    return this.#exchange !== undefined
  }

  /** Sends a request; only on a usable connection that waits for nothing. Before it is connected the bytes wait in it. */
  send(request: Buffer, head: boolean, exchange: Exchange): void {
    this.#exchange = exchange
    this.#parser.expect(head)
    exchange.timer.sending()
    this.#socket.write(request)
  }

  giveUp(error: Error): void {
    this.#fail(error)
  }

  close(): void {
    this.#gone = true
    this.#exchange = undefined
    this.#socket.destroy()
  }

  #take(bytes: Buffer, length: number): void {
    const exchange = this.#exchange
    if (!exchange) {
      // Nothing was asked: a server that talks out of turn (408, or a protocol of its own) ends this connection.
      this.#drop()
      return
    }
    // Before anything is done with the bytes: an answer ends when its last byte is here. Later bytes move it.
    exchange.timer.last()
    if (!this.#parser.begun) exchange.timer.first()
    let complete: boolean
    try {
      complete = this.#parser.push(bytes, length)
    } catch (error) {
      this.#fail(error as Error)
      return
    }
    if (complete) this.#complete(exchange)
  }

  #complete(exchange: Exchange): void {
    const { status, bodyBytes, keepAlive } = this.#parser
    this.#exchange = undefined
    if (!keepAlive) this.#drop()
    exchange.done({ status, bodyBytes })
  }

  #ended(): void {
    const exchange = this.#exchange
    if (exchange && this.#parser.end()) this.#complete(exchange)
    else this.#fail(new ConnectionClosed('other side closed'))
  }

  #fail(error: Error): void {
    const exchange = this.#exchange
    this.#exchange = undefined
    this.#drop()
    exchange?.failed(error)
  }

  #drop(): void {
    if (this.#gone) return
    this.#gone = true
    this.#socket.destroy()
    this.#onGone(this)
  }
}
