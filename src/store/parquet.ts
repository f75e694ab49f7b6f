// The tables as Parquet files, readable by pandas, Polars, DuckDB and Spark. Times are float64 nanoseconds; the version
// of each table stands in the file's metadata.
import { openSync, closeSync, readSync, fstatSync } from 'node:fs'
import { parquetMetadataAsync, parquetRead, type AsyncBuffer, type FileMetaData, type SchemaElement } from 'hyparquet'
import { ParquetWriter, fileWriter, type BasicType } from 'hyparquet-writer'
import { TailwattError } from '../base/errors.ts'
import type { RunEvent } from '../run/table.ts'
import { allocate, columnOf, regroup, type Chunk, type Table } from './columns.ts'
import { replaceFile } from './layout.ts'

const eventVersion = 1
const versionKey = 'tailwatt.table.version'

/**
 * Writes a table to `path`, whole or not at all.
 * @throws TailwattError `cannot-store`.
 */
export function writeTable(path: string, table: Table, chunks: readonly Chunk[]): void {
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
  replaceFile(path, (temporary) => {
    const writer = new ParquetWriter({
      writer: fileWriter(temporary),
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

/**
 * The chunks of a table. Columns the file lacks are NaN or 0 (an older version had none), those we do not know are left
 * alone; a missing value in a column of times is NaN.
 * @throws TailwattError `run-newer`; whatever the Parquet reader throws at a damaged file.
 */
export async function readTable(path: string, table: Table): Promise<Chunk[]> {
  const file = fileBuffer(path)
  try {
    const metadata = await parquetMetadataAsync(file.buffer)
    refuseNewer(path, metadata, table.version)
    const present = new Set(metadata.schema.map((element) => element.name))
    const columns = table.columns.filter(({ name }) => present.has(name))
    const chunks: Chunk[] = []
    let from = 0
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows)
      const chunk = allocate(table, rows)
      for (const { key, name, kind } of table.columns)
        if (!present.has(name) && kind === 'f64') columnOf(chunk, key).fill(Number.NaN)
      for (const column of columns)
        await readColumn(file.buffer, metadata, column.name, from, columnOf(chunk, column.key))
      chunks.push(chunk)
      from += rows
    }
    return [...regroup(table, chunks)]
  } finally {
    file.close()
  }
}

/** Fills `into` with the rows of a column from row `from`. */
async function readColumn(
  file: AsyncBuffer,
  metadata: FileMetaData,
  name: string,
  from: number,
  into: ReturnType<typeof columnOf>,
): Promise<void> {
  let filled = 0
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
        const value = (columnData as ArrayLike<number | bigint | null | undefined>)[i] ?? Number.NaN
        into[row] = Number(value)
        filled++
      }
    },
  })
  if (filled !== into.length) throw new RangeError(`column ${name} holds ${filled} rows of ${into.length}`)
}

function refuseNewer(path: string, metadata: FileMetaData, known: number): void {
  const version = metadata.key_value_metadata?.find(({ key }) => key === versionKey)?.value
  if (version !== undefined && Number(version) > known)
    throw new TailwattError('run-newer', { path, schema: `table version ${version}` })
}

export async function readEvents(path: string): Promise<RunEvent[]> {
  const file = fileBuffer(path)
  try {
    const metadata = await parquetMetadataAsync(file.buffer)
    refuseNewer(path, metadata, eventVersion)
    if (Number(metadata.num_rows) === 0) return []
    const events: RunEvent[] = []
    await parquetRead({
      file: file.buffer,
      metadata,
      rowFormat: 'object',
      onComplete: (rows) => {
        for (const row of rows as { recording: number; t_ns: number; kind: string; data: string }[]) {
          events.push({
            recording: row.recording,
            t: row.t_ns,
            kind: row.kind,
            data: JSON.parse(row.data) as RunEvent['data'],
          } as RunEvent)
        }
      },
    })
    return events
  } finally {
    file.close()
  }
}

function fileBuffer(path: string): { readonly buffer: AsyncBuffer; close(): void } {
  const fd = openSync(path, 'r')
  const { size } = fstatSync(fd)
  const buffer: AsyncBuffer = {
    byteLength: size,
    slice: (start, end = size) => {
      const from = start < 0 ? size + start : start
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - from))
      for (let at = 0; at < bytes.length;) {
        const read = readSync(fd, bytes, at, bytes.length - at, from + at)
        if (read === 0) throw new RangeError('the file ends early')
        at += read
      }
      return bytes.buffer
    },
  }
  return { buffer, close: () => closeSync(fd) }
}
