// The tables as they are stored: names and kinds of their columns on disk, and rows as one block of bytes for the journal.
// What columns there are `run/table.ts` says.
import { allocateColumn, ofTables, tableColumns, type AnyChunk, type ColumnKind, type TableName } from '../run/table.ts'

type Kind = 'u8' | 'u16' | 'u32' | 'f64'
const bytesOf: { readonly [K in Kind]: number } = { u8: 1, u16: 2, u32: 4, f64: 8 }

export interface Column {
  /** Key in the chunk. */
  readonly key: string
  /** Name in Parquet. */
  readonly name: string
  readonly kind: Kind
  /** Version of the table that brought it. */
  readonly since: number
}

export interface Table {
  readonly name: TableName
  /** Raised whenever a column is added or changes its meaning. */
  readonly version: number
  /** Number of its frames in the journal; 4 are events. */
  readonly frame: number
  /** No file without a row. */
  readonly optional: boolean
  readonly columns: readonly Column[]
}

const isTime = (kind: ColumnKind): kind is 'ns' | 'ns?' => kind === 'ns' || kind === 'ns?'
const snakeCase = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Columns that came later, by table and version. */
const added: { readonly [Name in TableName]?: Readonly<Record<string, number>> } = {
  requests: { seen: 2, stamp: 2 },
}

const columnsOf = (table: TableName): readonly Column[] =>
  Object.entries<ColumnKind>(tableColumns[table]).map(([key, kind]) => {
    const since = added[table]?.[key] ?? 1
    return isTime(kind)
      ? { key, name: `${snakeCase(key)}_ns`, kind: 'f64', since }
      : { key, name: snakeCase(key), kind, since }
  })

const onDisk: { readonly [Name in TableName]: Pick<Table, 'version' | 'frame' | 'optional'> } = {
  requests: { version: 2, frame: 1, optional: false },
  batches: { version: 1, frame: 2, optional: true },
  samples: { version: 1, frame: 3, optional: false },
}

export const tables: { readonly [Name in TableName]: Table } = ofTables((name) => ({
  name,
  ...onDisk[name],
  columns: columnsOf(name),
}))

type TypedColumn = Uint8Array | Uint16Array | Uint32Array | Float64Array

export const columnOf = (chunk: AnyChunk, key: string): TypedColumn =>
  (chunk as unknown as Record<string, TypedColumn>)[key]!

/** An empty chunk of a table. */
export function allocate(table: Table, length: number): AnyChunk {
  const chunk: Record<string, unknown> = { length }
  for (const { key, kind } of table.columns) chunk[key] = allocateColumn(kind, length)
  return chunk as unknown as AnyChunk
}

/** Bytes of `rows` rows as {@link encodeColumns} writes them. */
export const encodedBytes = ({ columns }: Pick<Table, 'columns'>, rows: number): number =>
  4 + rows * columns.reduce((sum, { kind }) => sum + bytesOf[kind], 0)

/** Rows as bytes: row count u32, then each column's values in the table's order. */
export function encodeColumns(table: Table, chunk: AnyChunk): Uint8Array {
  const bytes = Buffer.allocUnsafe(encodedBytes(table, chunk.length))
  bytes.writeUInt32LE(chunk.length, 0)
  let at = 4
  for (const { key } of table.columns) {
    const values = columnOf(chunk, key).subarray(0, chunk.length)
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at)
    at += values.byteLength
  }
  return bytes
}

/**
 * The rows of {@link encodeColumns} of that version; `undefined` when the bytes are not of this table. What it had not yet is NaN or 0,
 * as in Parquet.
 */
export function decodeColumns(table: Table, version: number, bytes: Buffer): AnyChunk | undefined {
  if (bytes.length < 4) return undefined
  const length = bytes.readUInt32LE(0)
  const columns = table.columns.filter(({ since }) => since <= version)
  if (bytes.length !== encodedBytes({ columns }, length)) return undefined
  const chunk = allocate(table, length)
  for (const { key, kind, since } of table.columns)
    if (since > version && kind === 'f64') columnOf(chunk, key).fill(Number.NaN)
  let at = 4
  for (const { key } of columns) {
    const values = columnOf(chunk, key)
    new Uint8Array(values.buffer).set(bytes.subarray(at, at + values.byteLength))
    at += values.byteLength
  }
  return chunk
}

/** Rows of a chunk in memory and of a row group on disk. */
export const chunkRows = 65_536

/** Chunks of any size in, chunks of {@link chunkRows} rows out (the last may be shorter), in order. */
export function* regroup(table: Table, chunks: readonly AnyChunk[]): Generator<AnyChunk> {
  let left = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  let buffer = allocate(table, Math.min(left, chunkRows))
  let filled = 0
  for (const chunk of chunks) {
    for (let from = 0; from < chunk.length;) {
      const rows = Math.min(buffer.length - filled, chunk.length - from)
      for (const { key } of table.columns)
        columnOf(buffer, key).set(columnOf(chunk, key).subarray(from, from + rows), filled)
      from += rows
      filled += rows
      if (filled < buffer.length) continue
      yield buffer
      left -= filled
      buffer = allocate(table, Math.min(left, chunkRows))
      filled = 0
    }
  }
}
