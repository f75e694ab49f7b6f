// The tables of a run as struct-of-arrays chunks. Each column is declared here and nowhere else: the types of the chunks,
// their allocation, the ring of the load threads, the journal and Parquet follow. Analyses take chunks, never a whole table
// in one array.

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

/** Who says when an answer came: we who saw it, the kernel that had it, or the kernel of bytes behind it, so that it came no later. */
export const stampNames = ['user', 'kernel', 'bound'] as const

export type StampName = (typeof stampNames)[number]

export const stampCode = (name: StampName): number => stampNames.indexOf(name)

/** What a column holds, and the array that holds it. */
interface Arrays {
  readonly u8: Uint8Array
  readonly u16: Uint16Array
  readonly u32: Uint32Array
  readonly f64: Float64Array
  /** Nanoseconds since the run's epoch on the host's monotonic clock, or a duration. Its name on disk ends in `_ns`. */
  readonly ns: Float64Array
  /** Likewise; NaN where it did not happen or is not known, as in every row of a new chunk. */
  readonly 'ns?': Float64Array
}

const arrays: { readonly [Kind in keyof Arrays]: new (length: number) => Arrays[Kind] } = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  f64: Float64Array,
  ns: Float64Array,
  'ns?': Float64Array,
}

export type ColumnKind = keyof Arrays
export type Columns = Readonly<Record<string, ColumnKind>>

/** Rows of a table as one array a column. */
export type Chunk<C extends Columns> = { readonly length: number } & {
  readonly [Key in keyof C]: Arrays[C[Key]]
}

/** One request a row, in order of `started` within an instance. */
export const requestColumns = {
  recording: 'u16',
  /** Its number in the order of the schedule, from 0. */
  id: 'f64',
  instance: 'u16',
  /** Samples in the request (the batch size asked for). */
  batch: 'u32',
  phase: 'u8',
  /** Planned send time; in closed loop the previous completion on the same slot. */
  scheduled: 'ns',
  /**
   * When the request became free to be sent: an instance (or connection) was idle and it was due. `ready - scheduled`
   * is queue wait (the target's); `started - ready` is send delay (ours).
   */
  ready: 'ns',
  started: 'ns',
  /** First byte or first token; NaN where the target has no such moment. */
  first: 'ns?',
  /** When the last byte came. */
  done: 'ns',
  /** When we had it in hand; NaN in tables that had no such column. */
  seen: 'ns?',
  /** Who said when it came: an index into {@link stampNames}. */
  stamp: 'u8',
  status: 'u16',
  sizeIn: 'f64',
  sizeOut: 'f64',
  /** Duration of the engine's own call as seen inside the binding, NaN where not known. */
  engine: 'ns?',
} as const

export const batchColumns = {
  recording: 'u16',
  id: 'f64',
  instance: 'u16',
  opened: 'ns',
  started: 'ns',
  done: 'ns',
  size: 'u32',
  useful: 'f64',
  padded: 'f64',
  reason: 'u8',
} as const

/** One reading of one channel a row; `channel` indexes the manifest's `channels`. */
export const sampleColumns = { recording: 'u16', channel: 'u16', t: 'ns', value: 'f64' } as const

export type RequestChunk = Chunk<typeof requestColumns>
export type BatchChunk = Chunk<typeof batchColumns>
export type SampleChunk = Chunk<typeof sampleColumns>

/** The tables of rows; events, of which each kind carries something else, are none. */
interface TableColumns {
  readonly requests: typeof requestColumns
  readonly batches: typeof batchColumns
  readonly samples: typeof sampleColumns
}
export const tableColumns: TableColumns = { requests: requestColumns, batches: batchColumns, samples: sampleColumns }

export type TableName = keyof TableColumns
export const tableNames = Object.keys(tableColumns) as readonly TableName[]

/** A chunk of each table. */
export type Chunks = { readonly [Name in TableName]: Chunk<TableColumns[Name]> }
/** The rows of a run. */
export type TableRows = { readonly [Name in TableName]: readonly Chunks[Name][] }

/** None. */
export const noRows = (): TableRows => ofTables(() => [])

/** A chunk of any table. */
export type AnyChunk = Chunks[TableName]

/** Something of each table. That `of` gives what `T` has under a name the compiler cannot see. */
export const ofTables = <T extends { readonly [Name in TableName]: unknown }>(of: (name: TableName) => unknown): T =>
  Object.fromEntries(tableNames.map((name) => [name, of(name)])) as T

/** An empty column with room for `capacity` rows. */
export function allocateColumn<Kind extends ColumnKind>(kind: Kind, capacity: number): Arrays[Kind] {
  const values = new arrays[kind](capacity)
  return kind === 'ns?' ? (values.fill(Number.NaN) as Arrays[Kind]) : values
}

/** An empty chunk with room for `capacity` rows; `length` is what the caller says is filled. */
export function allocate<C extends Columns>(columns: C, capacity: number): Chunk<C> {
  const chunk: Record<string, unknown> = { length: capacity }
  for (const [key, kind] of Object.entries(columns)) chunk[key] = allocateColumn(kind, capacity)
  return chunk as Chunk<C>
}

export const allocateRequests = (capacity: number): RequestChunk => allocate(requestColumns, capacity)
export const allocateSamples = (capacity: number): SampleChunk => allocate(sampleColumns, capacity)
