// Hot path. The client on Node's sockets: for TLS, and where the system's calls cannot be made. The connection used last is
// used next, a new one is opened when none is free. Watches over answers that take too long.
import {
  racesUntilWary,
  type AnswerReader,
  type Burst,
  type Client,
  type ClientCounts,
  type ClientOptions,
  type Endpoint,
  type Exchange,
} from './client.ts'
import { restart } from './exchange.ts'
import { LoopWait } from './loop-wait.ts'
import { NodeConnection, type ConnectionOwner } from './node-connection.ts'

/** How often waiting requests are looked at: a twentieth of the timeout, within bounds, ms. */
const lookMs = (timeoutNs: number): number => Math.min(250, Math.max(5, timeoutNs / 20e6))

export class NodeClient implements Client, ConnectionOwner {
  readonly stamps = 'user'
  readonly unstamped: string | undefined
  readonly burst: Burst = { open: 2, closed: 2 }
  readonly counts: ClientCounts = { openedLate: 0, slowestOpening: 0, races: 0, clockSteps: 0 }
  readonly now: () => number
  readonly reader: () => AnswerReader
  readonly #endpoint: Endpoint
  readonly #timeoutNs: number
  readonly #idle: NodeConnection[] = []
  readonly #all = new Set<NodeConnection>()
  readonly #watch: NodeJS.Timeout
  readonly #wait: LoopWait
  #opened: (() => void) | undefined
  /** As many as there were at a time: no more are opened ahead. */
  #most = 0

  /** @param unstamped why the kernel's stamps are not read */
  constructor(endpoint: Endpoint, options: ClientOptions, unstamped?: string) {
    this.unstamped = unstamped
    this.now = options.now
    this.reader = options.reader
    this.#endpoint = endpoint
    this.#timeoutNs = options.timeoutNs
    this.#wait = new LoopWait(options.now, options.epoch, options.spin)
    this.#watch = setInterval(() => this.#endLate(), lookMs(options.timeoutNs)).unref()
  }

  async open(connections: number): Promise<void> {
    this.counts.openedLate = this.counts.slowestOpening = 0
    while (this.#all.size < connections) this.#connect()
    const connecting = (): boolean => [...this.#all].some((connection) => connection.connecting)
    const limit = this.now() + this.#timeoutNs
    while (connecting() && this.now() < limit)
      await new Promise<void>((resolve) => {
        this.#opened = resolve
        setTimeout(resolve, lookMs(this.#timeoutNs))
      })
  }

  send(exchange: Exchange, fresh = false): void {
    restart(exchange)
    const idle = fresh ? undefined : this.#free()
    const connection = idle ?? this.#opening() ?? this.#connect()
    if (!idle) {
      connection.late = true
      this.counts.openedLate++
    }
    connection.send(exchange)
  }

  poll(until: number): Promise<void> {
    return this.#wait.until(until)
  }

  get connections(): number {
    return this.#all.size
  }

  close(): void {
    clearInterval(this.#watch)
    void this.#wait.close()
    for (const connection of this.#all) connection.close()
    this.#all.clear()
    this.#idle.length = 0
  }

  get reuses(): boolean {
    return this.counts.races < racesUntilWary
  }

  connected({ late, since }: NodeConnection): void {
    if (late) this.counts.slowestOpening = Math.max(this.counts.slowestOpening, this.now() - since)
  }

  replace(): void {
    if (this.#all.size < this.#most) this.#connect()
  }

  free(connection: NodeConnection): void {
    this.#idle.push(connection)
    this.#opened?.()
  }

  gone(connection: NodeConnection): void {
    this.#all.delete(connection)
    this.#opened?.()
  }

  ended(): void {
    this.#wait.ended()
  }

  #free(): NodeConnection | undefined {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (idle.usable && idle.until > this.now()) return idle
      idle.close()
      this.#all.delete(idle)
    }
    return undefined
  }

  /** One on its way that no request waits for. */
  #opening(): NodeConnection | undefined {
    for (const connection of this.#all) if (connection.connecting && !connection.waiting) return connection
    return undefined
  }

  #connect(): NodeConnection {
    const connection = new NodeConnection(this.#endpoint, this)
    this.#all.add(connection)
    this.#most = Math.max(this.#most, this.#all.size)
    return connection
  }

  #endLate(): void {
    const limit = this.now() - this.#timeoutNs
    for (const connection of this.#all)
      if (connection.waiting && connection.since < limit)
        connection.giveUp('timeout', `none within ${this.#timeoutNs / 1e6} ms`)
  }
}
