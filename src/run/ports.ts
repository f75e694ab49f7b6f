// The doors that readings and bytes go through. Implementations live in `host/`, `store/` and `session/`.

/** Random access to bytes that need not fit in memory. */
export interface ByteSource {
  readonly size: number
  /** Up to `length` bytes from `offset`; shorter only at the end. The view is valid until the next call. */
  read(offset: number, length: number): Uint8Array
  close(): void
}

/** Where a polled sensor puts its readings; `channel` is the index within the sensor's own `channels`. */
export interface SampleSink {
  put(channel: number, t: number, value: number): void
}

/** Where a streaming sensor puts its readings, and says so when there are none. */
export interface StreamSink extends SampleSink {
  /** How far the times of the latest readings may lie from the truth, ns: half a round trip. */
  within(ns: number): void
  /** No reading this time, and why; the next reading ends it. */
  failed(reason: string): void
  /** Gone for good. */
  lost(reason: string): void
}
