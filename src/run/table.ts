// The tables of a run as struct-of-arrays chunks. Times are float64 nanoseconds since the run's epoch on the host's
// monotonic clock; NaN stands for "did not happen". Analyses take chunks, never a whole table in one array.

/** A row of `phase`: what the load was doing when the request was sent. */
export const phases = ['load'] as const

export type PhaseName = (typeof phases)[number]

export const phaseCode = (name: PhaseName): number => phases.indexOf(name)

/**
 * `status` 0 is success, whatever the protocol calls it (a 200 is stored as 0). A failed HTTP answer keeps its status
 * (100…599); other failures index into {@link statusNames}.
 */
export const statusNames = [
  'ok',
  'error',
  'timeout',
  'refused',
  'reset',
  'cancelled',
  'invalid-response',
  'out-of-memory',
] as const

export type StatusName = (typeof statusNames)[number]

export const statusCode = (name: StatusName): number => statusNames.indexOf(name)

/** One request a row, in order of `started` within an instance. */
export interface RequestChunk {
  readonly length: number
  readonly recording: Uint16Array
  /** Its number in the order of the schedule, from 0. */
  readonly id: Float64Array
  readonly instance: Uint16Array
  /** Samples in the request (the batch size asked for). */
  readonly batch: Uint32Array
  readonly phase: Uint8Array
  /** Planned send time; in closed loop the previous completion on the same slot. */
  readonly scheduled: Float64Array
  /**
   * When the request became free to be sent: an instance (or connection) was idle and it was due. `ready - scheduled`
   * is queue wait (the target's); `started - ready` is send delay (ours).
   */
  readonly ready: Float64Array
  readonly started: Float64Array
  /** First byte or first token; NaN where the target has no such moment. */
  readonly first: Float64Array
  readonly done: Float64Array
  readonly status: Uint16Array
  readonly sizeIn: Float64Array
  readonly sizeOut: Float64Array
  /** Duration of the engine's own call as seen inside the binding (ns), NaN where not known. */
  readonly engine: Float64Array
}

export interface BatchChunk {
  readonly length: number
  readonly recording: Uint16Array
  readonly id: Float64Array
  readonly instance: Uint16Array
  readonly opened: Float64Array
  readonly started: Float64Array
  readonly done: Float64Array
  readonly size: Uint32Array
  readonly useful: Float64Array
  readonly padded: Float64Array
  readonly reason: Uint8Array
}

/** One reading of one channel a row; `channel` indexes the manifest's `channels`. */
export interface SampleChunk {
  readonly length: number
  readonly recording: Uint16Array
  readonly channel: Uint16Array
  readonly t: Float64Array
  readonly value: Float64Array
}

/** The tables of rows by name. */
export interface Chunks {
  readonly requests: RequestChunk
  readonly batches: BatchChunk
  readonly samples: SampleChunk
}

/** An empty chunk with room for `capacity` rows; `length` is what the caller says is filled. */
export function allocateRequests(capacity: number): RequestChunk {
  return {
    length: capacity,
    recording: new Uint16Array(capacity),
    id: new Float64Array(capacity),
    instance: new Uint16Array(capacity),
    batch: new Uint32Array(capacity),
    phase: new Uint8Array(capacity),
    scheduled: new Float64Array(capacity),
    ready: new Float64Array(capacity),
    started: new Float64Array(capacity),
    first: new Float64Array(capacity).fill(Number.NaN),
    done: new Float64Array(capacity),
    status: new Uint16Array(capacity),
    sizeIn: new Float64Array(capacity),
    sizeOut: new Float64Array(capacity),
    engine: new Float64Array(capacity).fill(Number.NaN),
  }
}

export function allocateSamples(capacity: number): SampleChunk {
  return {
    length: capacity,
    recording: new Uint16Array(capacity),
    channel: new Uint16Array(capacity),
    t: new Float64Array(capacity),
    value: new Float64Array(capacity),
  }
}
