// Hot path: rows of finished requests from one thread to the drain, through shared memory. One writer, one reader, fixed
// columns, no allocation; a row that finds no room is counted as lost.
import { allocateRequests, requestColumns, type RequestChunk } from '../../run/table.ts'

/** All but what the reader knows: the order is that of the table, and of {@link RingWriter.put}. */
const columns = (Object.keys(requestColumns) as (keyof typeof requestColumns)[]).filter(
  (name) => name !== 'recording' && name !== 'instance' && name !== 'phase',
)
const width = columns.length

export interface RingBuffers {
  readonly rows: SharedArrayBuffer
  /** Int32: rows written, rows read, rows lost (all modulo 2³²). */
  readonly state: SharedArrayBuffer
}

const WRITTEN = 0
const READ = 1
const LOST = 2

/** @param capacity rows; a power of two */
export const allocateRing = (capacity: number): RingBuffers => ({
  rows: new SharedArrayBuffer(capacity * width * 8),
  state: new SharedArrayBuffer(12),
})

export class RingWriter {
  readonly #rows: Float64Array
  readonly #state: Int32Array
  readonly #mask: number

  constructor(ring: RingBuffers) {
    this.#rows = new Float64Array(ring.rows)
    this.#state = new Int32Array(ring.state)
    this.#mask = this.#rows.length / width - 1
  }

  /** Times in ns since the epoch. */
  put(
    id: number,
    batch: number,
    scheduled: number,
    ready: number,
    started: number,
    first: number,
    done: number,
    seen: number,
    stamp: number,
    status: number,
    sizeIn: number,
    sizeOut: number,
    engine: number,
  ): void {
    const state = this.#state
    const written = Atomics.load(state, WRITTEN)
    if (((written - Atomics.load(state, READ)) | 0) > this.#mask) {
      Atomics.add(state, LOST, 1)
      return
    }
    const rows = this.#rows
    const at = (written & this.#mask) * width
    rows[at] = id
    rows[at + 1] = batch
    rows[at + 2] = scheduled
    rows[at + 3] = ready
    rows[at + 4] = started
    rows[at + 5] = first
    rows[at + 6] = done
    rows[at + 7] = seen
    rows[at + 8] = stamp
    rows[at + 9] = status
    rows[at + 10] = sizeIn
    rows[at + 11] = sizeOut
    rows[at + 12] = engine
    // The store publishes the row: it is ordered after the writes above.
    Atomics.store(state, WRITTEN, (written + 1) | 0)
  }
}

export class RingReader {
  readonly #rows: Float64Array
  readonly #state: Int32Array
  readonly #mask: number
  readonly #instance: number
  #lost = 0

  constructor(ring: RingBuffers, instance: number) {
    this.#rows = new Float64Array(ring.rows)
    this.#state = new Int32Array(ring.state)
    this.#mask = this.#rows.length / width - 1
    this.#instance = instance
  }

  /** All rows written since the last call; `undefined` when there are none. */
  drain(): RequestChunk | undefined {
    const read = Atomics.load(this.#state, READ)
    const length = (Atomics.load(this.#state, WRITTEN) - read) | 0
    if (length <= 0) return undefined
    const chunk = allocateRequests(length)
    chunk.instance.fill(this.#instance)
    columns.forEach((name, column) => {
      const values = chunk[name]
      for (let i = 0; i < length; i++) values[i] = this.#rows[((read + i) & this.#mask) * width + column]!
    })
    Atomics.store(this.#state, READ, (read + length) | 0)
    return chunk
  }

  /** Rows that the writer put and that found room, modulo 2³². */
  get written(): number {
    return Atomics.load(this.#state, WRITTEN) >>> 0
  }

  /** Rows lost since the last call. */
  newlyLost(): number {
    const lost = Atomics.load(this.#state, LOST)
    const fresh = lost - this.#lost
    this.#lost = lost
    return fresh
  }
}
