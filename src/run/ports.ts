// The doors a run's data goes through. Implementations live in `host/`, `store/` and `session/`; pure code sees only these.
import type { Channel } from './channel.ts'
import type { RunEvent, RequestChunk, SampleChunk, BatchChunk } from './table.ts'
import type { Manifest } from './manifest.ts'

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

/** All that was measured, as analyses take it: facts in the manifest, observations in tables. */
export interface Measured {
  readonly manifest: Manifest
  readonly requests: readonly RequestChunk[]
  readonly batches: readonly BatchChunk[]
  readonly samples: readonly SampleChunk[]
  readonly events: readonly RunEvent[]
}

export type { Channel }
