// Hot path. The connections to one server: the one used last is used next, a new one is opened when none is free. Watches
// over answers that take too long.
import { AnswerTimeout, type Answer, type Endpoint, type RequestTimer } from './client.ts'
import { NodeConnection, type Exchange } from './node-connection.ts'

export interface NodeClientOptions {
  readonly timeoutMs: number
  /** ms, monotonic. */
  readonly now: () => number
}

/** How often waiting requests are looked at: a twentieth of the timeout, within bounds, ms. */
const lookMs = (timeoutMs: number): number => Math.min(250, Math.max(5, timeoutMs / 20))

export class NodeClient {
  readonly #endpoint: Endpoint
  readonly #options: NodeClientOptions
  readonly #idle: NodeConnection[] = []
  readonly #all = new Set<NodeConnection>()
  readonly #watch: NodeJS.Timeout

  constructor(endpoint: Endpoint, options: NodeClientOptions) {
    this.#endpoint = endpoint
    this.#options = options
    this.#watch = setInterval(() => this.#endLate(), lookMs(options.timeoutMs)).unref()
  }

  /** Sends a request on a free connection; the promise gives the answer, or fails with why there is none. */
  exchange(request: Buffer, head: boolean, timer: RequestTimer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const connection = this.#free()
      connection.sentAt = this.#options.now()
      const told: Exchange = {
        timer,
        done: (answer) => {
          if (connection.usable) this.#idle.push(connection)
          resolve(answer)
        },
        failed: reject,
      }
      connection.send(request, head, told)
    })
  }

  close(): void {
    clearInterval(this.#watch)
    for (const connection of this.#all) connection.close()
    this.#all.clear()
    this.#idle.length = 0
  }

  #free(): NodeConnection {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) if (idle.usable) return idle
    const connection = new NodeConnection(this.#endpoint, (gone) => this.#all.delete(gone))
    this.#all.add(connection)
    return connection
  }

  #endLate(): void {
    const limit = this.#options.now() - this.#options.timeoutMs
    for (const connection of this.#all)
      if (connection.waiting && connection.sentAt < limit)
        connection.giveUp(new AnswerTimeout(`none within ${this.#options.timeoutMs} ms`))
  }
}
