// Hot path. One connection of the direct client, with one request outstanding at a time.
import type { AnswerReader, Exchange } from '../client.ts'
import { sentBetween } from '../exchange.ts'
import { error, quietly, type Libc } from './libc.ts'

export class Connection {
  readonly fd: number
  readonly reader: AnswerReader
  state: 'connecting' | 'idle' | 'sending' | 'waiting' | 'gone' = 'connecting'
  exchange: Exchange | undefined
  /** When its exchange was given to it, ns. */
  since: number
  /** Bytes of the request that the system has. */
  sent = 0
  answers = 0
  /** Whether the poller is asked when it can be written to. */
  writing = false
  /** Opened for a request that waits for it. */
  late = false
  /** Not to be used after this, ns: the server may be about to close it. */
  until: number = Number.POSITIVE_INFINITY

  constructor(fd: number, reader: AnswerReader, at: number) {
    this.fd = fd
    this.reader = reader
    this.since = at
  }

  begin(exchange: Exchange): void {
    this.exchange = exchange
    this.sent = 0
    this.state = 'sending'
    this.reader.expect()
  }

  /** Gives the system what it takes of the request; `waiting` once it has all. @returns an errno, 0 for none */
  transmit(libc: Libc, now: () => number): number {
    const exchange = this.exchange!
    const { bytes } = exchange
    const before = now()
    const rest = this.sent === 0 ? bytes : bytes.subarray(this.sent)
    const taken = libc.send(this.fd, rest, rest.length, quietly)
    if (Number.isNaN(exchange.started)) sentBetween(exchange, before, now())
    if (taken < 0) {
      const code = libc.errno()
      return code === error.again || code === error.interrupted ? 0 : code
    }
    this.sent += taken
    if (this.sent === bytes.length) this.state = 'waiting'
    return 0
  }
}
