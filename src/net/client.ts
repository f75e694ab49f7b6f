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
