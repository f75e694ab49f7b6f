// What a client on the load path tells of each request while it is under way.
/** Marks moments of a request where the target is nearer to them than its caller; each may be left out. */
export interface RequestTimer {
  /** The request goes out now; else it counts from the call of `send`. */
  sending(): void
  /** The first byte or token came, once. */
  first(): void
  /** The last byte came, and nothing was done with it yet; else the answer counts until the promise settles. */
  last(): void
}
