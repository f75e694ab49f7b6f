// What the main process and the load host, and the load host and its threads, say to each other. All of it is cloneable.
import type { ErrorRecord } from '../../base/errors.ts'
import type { LoadSpec } from '../../load/pacer.ts'
import type { TargetFacts } from '../../run/manifest.ts'
import type { RequestChunk } from '../../run/table.ts'
import type { Occurrence } from '../../run/event.ts'
import type { TargetSpec } from '../../targets/target.ts'
import type { RingBuffers } from './ring.ts'

export interface HostSettings {
  readonly target: TargetSpec
  readonly load: LoadSpec
  readonly instances: number
  readonly batch: number
  /** Zero of the run's clock, ns of hrtime. */
  readonly epoch: bigint
}

export type ToHost =
  | { readonly kind: 'open'; readonly settings: HostSettings }
  | { readonly kind: 'begin' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'stop' }

export interface ColdParts {
  readonly load_ms: number
  readonly session_ms: number
  readonly first_inference_ms: number
}

export type FromHost =
  | { readonly kind: 'hello'; readonly at: bigint }
  | { readonly kind: 'ready'; readonly facts: Partial<TargetFacts>; readonly cold: ColdParts }
  | { readonly kind: 'rows'; readonly chunk: RequestChunk }
  | { readonly kind: 'event'; readonly event: Occurrence }
  | LastWord

/** Answered by closing the channel, which lets the host leave. `rows` is how many its threads wrote, to be held against. */
export type LastWord =
  | { readonly kind: 'failed'; readonly error: ErrorRecord; readonly rows: number }
  | { readonly kind: 'ended'; readonly rows: number }

/** Given to every thread of the load host. */
export interface ThreadSettings extends HostSettings {
  readonly index: number
  readonly ring: RingBuffers
  readonly control: SharedArrayBuffer
  readonly slots: SharedArrayBuffer
}

export type FromThread =
  | { readonly kind: 'ready'; readonly facts: Partial<TargetFacts>; readonly cold: ColdParts }
  | { readonly kind: 'failed'; readonly error: ErrorRecord }
  | { readonly kind: 'event'; readonly event: Occurrence }
  | { readonly kind: 'ended' }
