// What clients on the load path take and give, whatever the sockets below them.

/** Marks moments of a request where the target is nearer to them than its caller; each may be left out. */
export interface RequestTimer {
  /** The request goes out now; else it counts from the call of `send`. */
  sending(): void
  /** The first byte or token came, once. */
  first(): void
  /** The last byte came, and nothing was done with it yet; else the answer counts until the promise settles. */
  last(): void
}

/** Where a server listens. */
export interface Endpoint {
  readonly secure: boolean
  /** A name or an address, without the brackets of a URL. */
  readonly host: string
  readonly port: number
}

/** Reads the answers of one connection, whatever way they are cut into pieces: `expect`, then `push` until it says true. */
export interface AnswerReader {
  expect(): void
  /** @returns whether the answer is complete @throws Error when the bytes are none of the protocol */
  push(bytes: Buffer, length: number): boolean
  /** The server closed its side; true when that completes the answer. */
  end(): boolean
  /** Whether any byte of the answer has come. */
  readonly begun: boolean
  readonly status: number
  readonly bodyBytes: number
  /** Whether the server lets the connection be used again. */
  readonly keepAlive: boolean
  /** How long it keeps it when nothing is asked, ms; NaN where it does not say. */
  readonly keepAliveMs: number
}

/** Who says when the last byte of an answer came. */
export type StampedBy =
  /** We, when we saw it. */
  | 'user'
  /** The kernel, when it had it. */
  | 'kernel'
  /** The kernel, of bytes behind it: it came no later. */
  | 'bound'

/** Why there is no answer. */
export interface Failure {
  readonly kind: 'refused' | 'reset' | 'timeout' | 'invalid-response' | 'error'
  readonly message: string
  /** Soon after sending, and no byte of an answer came on a connection that was there before: most likely the server was closing it. */
  readonly unseen: boolean
}

/** One request on its way, used again for the next: what to send goes in, and what became of it is read when it ended. */
export interface Exchange {
  readonly bytes: Uint8Array
  /** ns on the run's clock; NaN until it is sent. The middle of the time in which the system took it. */
  started: number
  /** How long it took to, ns. */
  sending: number
  first: number
  done: number
  /** When we had the last byte in hand. */
  seen: number
  stampedBy: StampedBy
  status: number
  bodyBytes: number
  failure: Failure | undefined
  /** Called once, from within `poll`, or from within `send` when it fails at once. */
  ended(): void
}

export interface ClientCounts {
  /** Connections opened because a request had none to go on, since `open`. */
  openedLate: number
  /** The longest time such a one took, ns; 0 without one. */
  slowestOpening: number
  /** See {@link Failure.unseen}. */
  races: number
  /** How often the wall clock was set. */
  clockSteps: number
}

/** After so many the server is known to close connections that it said it would keep: none is used twice any more. */
export const racesUntilWary = 2
/** A connection that ends later than this after its request was sent was not about to be closed, ns. */
export const raceNs = 1e9
/** A connection is left alone this long before its server would close it, ms. */
export const keepAliveMargin = 500

/** Requests to send between two looks at the answers: in open loop few, so that none is seen late for it; in closed loop many cost less. */
export interface Burst {
  readonly open: number
  readonly closed: number
}

export interface ClientOptions {
  readonly reader: () => AnswerReader
  readonly timeoutNs: number
  /** ns on the run's clock. */
  readonly now: () => number
  /** Zero of that clock, a reading of `process.hrtime.bigint`. */
  readonly epoch: bigint
  readonly spin: boolean
}

/** The connections to one server, with one request outstanding on each. One thread owns it. */
export interface Client {
  readonly stamps: 'kernel' | 'user'
  /** Why not the kernel's. */
  readonly unstamped: string | undefined
  /** How many are open, or on their way. */
  readonly connections: number
  readonly counts: Readonly<ClientCounts>
  readonly burst: Burst
  /** Opens connections until there are so many; one that fails is told by `send`. */
  open(connections: number): Promise<void>
  /**
   * Sends on the connection used last that is free; without one a new one is opened, and the request goes when it is.
   * @param fresh on a new one in any case
   */
  send(exchange: Exchange, fresh?: boolean): void
  /** Takes the answers that are there; waits for one until `until` at the latest, ns on the run's clock. */
  poll(until: number): void | Promise<void>
  close(): void
}

/** An answer that came whole. */
export interface Answer {
  readonly status: number
  readonly bodyBytes: number
}

/** An answer that is cut off: the server went away in the middle, or before it. */
export class ConnectionClosed extends Error {
  override readonly name = 'ConnectionClosed'
}

/** No answer within the time that the caller gave. */
export class AnswerTimeout extends Error {
  override readonly name = 'AnswerTimeout'
}
