// The tables as Parquet files, readable by pandas, Polars, DuckDB and Spark. Times are float64 nanoseconds; the version
// of each table stands in the file's metadata.
import { parseJson } from '../base/json.ts'
import { closeSync } from 'node:fs'
import { parquetMetadataAsync, parquetRead, type AsyncBuffer, type FileMetaData, type SchemaElement } from 'hyparquet'
import { ByteWriter, ParquetWriter, type BasicType } from 'hyparquet-writer'
import { TailwattError } from '../base/errors.ts'
import { readFully, writeFully } from '../host/regular-file.ts'
import { isEvent } from '../run/event-shape.ts'
import type { RunEvent } from '../run/event.ts'
import { allocate, columnOf, regroup, type Column, type Table } from './columns.ts'
import type { AnyChunk } from '../run/table.ts'
import { openEntry, replaceEntry } from './door.ts'

const eventVersion = 1
/** Bytes of a table: a billion requests. */
const largestFile = 16e9
/** Bytes that are read at once: column chunks of other tools' largest row groups have fewer. */
const largestRead = 1 << 28
/** Rows that are held at once; pandas makes row groups of 2²⁰. */
const largestGroup = 1 << 24
const versionKey = 'tailwatt.table.version'

/**
 * Writes a table to `path`, whole or not at all.
 * @throws TailwattError `cannot-store`.
 */
export function writeTable(path: string, table: Table, chunks: readonly AnyChunk[]): void {
  const schema: SchemaElement[] = [
    { name: 'root', num_children: table.columns.length },
    ...table.columns.map(({ name, kind, key }): SchemaElement => ({
      name,
      type: key === 'id' ? 'INT64' : kind === 'f64' ? 'DOUBLE' : 'INT32',
      repetition_type: 'REQUIRED',
    })),
  ]
  writeParquet(path, table.name, table.version, schema, (write) => {
    for (const chunk of regroup(table, chunks)) {
      write(
        table.columns.map(({ name, key, kind }) => {
          const values = columnOf(chunk, key)
          if (key === 'id') return { name, data: BigInt64Array.from(values as Float64Array, BigInt), type: 'INT64' }
          if (kind === 'f64') return { name, data: values as Float64Array, type: 'DOUBLE' }
          return { name, data: Int32Array.from(values), type: 'INT32' }
        }),
      )
    }
  })
}

export function writeEvents(path: string, events: readonly RunEvent[]): void {
  const required = { repetition_type: 'REQUIRED' } as const
  const schema: SchemaElement[] = [
    { name: 'root', num_children: 4 },
    { name: 'recording', type: 'INT32', ...required },
    { name: 't_ns', type: 'DOUBLE', ...required },
    { name: 'kind', type: 'BYTE_ARRAY', converted_type: 'UTF8', ...required },
    { name: 'data', type: 'BYTE_ARRAY', converted_type: 'UTF8', ...required },
  ]
  writeParquet(path, 'events', eventVersion, schema, (write) => {
    if (events.length === 0) return
    write([
      { name: 'recording', data: Int32Array.from(events, (event) => event.recording), type: 'INT32' },
      { name: 't_ns', data: Float64Array.from(events, (event) => event.t), type: 'DOUBLE' },
      { name: 'kind', data: events.map((event) => event.kind), type: 'STRING' },
      { name: 'data', data: events.map((event) => JSON.stringify(event.data)), type: 'STRING' },
    ])
  })
}

interface ColumnData {
  readonly name: string
  readonly data: Float64Array | Int32Array | BigInt64Array | string[]
  readonly type: BasicType
}

function writeParquet(
  path: string,
  name: string,
  version: number,
  schema: SchemaElement[],
  fill: (write: (columns: ColumnData[]) => void) => void,
): void {
  replaceEntry(path, (fd) => {
    const writer = new ParquetWriter({
      writer: new FileWriter(fd),
      schema,
      createdBy: 'tailwatt',
      kvMetadata: [
        { key: 'tailwatt.table', value: name },
        { key: versionKey, value: String(version) },
      ],
    })
    // Synchronous with this writer: it has no flush to wait for.
    fill((columnData) => void writer.write({ columnData, rowGroupSize: columnData[0]!.data.length }))
    void writer.finish()
  })
}

/** Gathers bytes and writes them a megabyte at a time. */
class FileWriter extends ByteWriter {
  readonly #fd: number

  constructor(fd: number) {
    super()
    this.#fd = fd
  }

  override ensure(size: number): void {
    if (this.index > 1 << 20) this.finish()
    super.ensure(size)
  }

  override finish(): void {
    writeFully(this.#fd, this.getBytes())
    this.index = 0
  }
}

/** A row with a value that its column cannot hold gets it: no run has so many recordings, so it is left out as damaged. */
const noRecording = 65_535

/**
 * The chunks of a table. Columns the file lacks are NaN or 0 (an older version had none), those we do not know are left
 * alone; a missing value in a column of times is NaN. Rows that a column lacks, or has a value for that it cannot hold, are of a
 * recording that does not exist.
 * @throws TailwattError `run-newer`; whatever the Parquet reader throws at a damaged file.
 */
export async function readTable(path: string, table: Table): Promise<AnyChunk[]> {
  const file = fileBuffer(path)
  try {
    const metadata = await parquetMetadataAsync(file.buffer)
    refuseNewer(path, metadata, table.version)
    const present = new Set(metadata.schema.map((element) => element.name))
    const chunks: AnyChunk[] = []
    let from = 0
    for (const group of metadata.row_groups) {
      const rows = rowsOf(group.num_rows)
      // Ids and times differ from row to row: a footer that claims more rows than there are bytes must not make us allocate.
      if (from + rows > file.buffer.byteLength)
        throw new RangeError(`${from + rows} rows in ${file.buffer.byteLength} bytes`)
      const chunk = allocate(table, rows)
      const unfit = new Uint8Array(rows)
      for (const column of table.columns) {
        if (present.has(column.name))
          await readColumn(file.buffer, metadata, column, from, columnOf(chunk, column.key), unfit)
        else if (column.kind === 'f64') columnOf(chunk, column.key).fill(Number.NaN)
      }
      unfit.forEach((is, row) => is === 1 && (columnOf(chunk, 'recording')[row] = noRecording))
      chunks.push(chunk)
      from += rows
    }
    return [...regroup(table, chunks)]
  } finally {
    file.close()
  }
}

function rowsOf(count: bigint): number {
  const rows = Number(count)
  if (rows < 0 || rows > largestGroup) throw new RangeError(`a row group of ${rows} rows`)
  return rows
}

/** Fills `into` with the rows of a column from row `from`; marks those whose value is not there or cannot be. */
async function readColumn(
  file: AsyncBuffer,
  metadata: FileMetaData,
  { name, kind }: Column,
  from: number,
  into: ReturnType<typeof columnOf>,
  unfit: Uint8Array,
): Promise<void> {
  const missing = new Uint8Array(into.length).fill(1)
  await parquetRead({
    file,
    metadata,
    rowStart: from,
    rowEnd: from + into.length,
    columns: [name],
    onChunk: ({ columnData, rowStart }) => {
      for (let i = 0; i < columnData.length; i++) {
        const row = rowStart + i - from
        if (row < 0 || row >= into.length) continue
        const value: unknown = columnData[i]
        const number = typeof value === 'bigint' ? Number(value) : typeof value === 'number' ? value : Number.NaN
        into[row] = number
        missing[row] = 0
        // What an array of whole numbers cannot hold it changes: null to 0, −1 to 65535.
        if (kind === 'f64' ? typeof value === 'string' : !holds(into, row, number)) unfit[row] = 1
      }
    },
  })
  missing.forEach((is, row) => is === 1 && (unfit[row] = 1))
}

/** Of a column of int32 a value above 2³¹ comes back negative. */
const holds = (into: ReturnType<typeof columnOf>, row: number, value: number): boolean =>
  into[row] === (into instanceof Uint32Array && value < 0 ? value + 2 ** 32 : value)

function refuseNewer(path: string, metadata: FileMetaData, known: number): void {
  const version = metadata.key_value_metadata?.find(({ key }) => key === versionKey)?.value
  if (version !== undefined && Number(version) > known)
    throw new TailwattError('run-newer', { path, schema: `table version ${version}` })
}

export interface StoredEvents {
  readonly events: RunEvent[]
  /** Rows that are no event: left out. */
  readonly unknown: number
}

/** @throws as {@link readTable}. */
export async function readEvents(path: string): Promise<StoredEvents> {
  const file = fileBuffer(path)
  try {
    const metadata = await parquetMetadataAsync(file.buffer)
    refuseNewer(path, metadata, eventVersion)
    const count = rowsOf(metadata.num_rows)
    const events: RunEvent[] = []
    if (count === 0) return { events, unknown: 0 }
    await parquetRead({
      file: file.buffer,
      metadata,
      rowFormat: 'object',
      onComplete: (rows) => {
        for (const { recording, t_ns, kind, data } of rows) {
          const event: unknown = { recording, t: t_ns, kind, data: parseJson(String(data)) }
          if (isEvent(event)) events.push(event)
        }
      },
    })
    return { events, unknown: Math.max(0, count - events.length) }
  } finally {
    file.close()
  }
}

function fileBuffer(path: string): { readonly buffer: AsyncBuffer; close(): void } {
  const { fd, size } = openEntry(path, largestFile)
  const buffer: AsyncBuffer = {
    byteLength: size,
    slice: (start, end = size) => {
      const from = start < 0 ? size + start : start
      const length = Math.max(0, Math.min(end, size) - from)
      if (length > largestRead) throw new RangeError(`${length} bytes in one piece`)
      const bytes = new Uint8Array(length)
      if (readFully(fd, bytes, from) < length) throw new RangeError('the file ends early')
      return bytes.buffer
    },
  }
  return { buffer, close: () => closeSync(fd) }
}
