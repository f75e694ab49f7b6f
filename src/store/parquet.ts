// The tables as Parquet files, readable by pandas, Polars, DuckDB and Spark. Times are float64 nanoseconds; the version
// of each table stands in the file's metadata.
import { openSync, closeSync, readSync, fstatSync } from 'node:fs'
import { renameSync } from 'node:fs'
import { parquetMetadataAsync, parquetRead, type AsyncBuffer, type SchemaElement } from 'hyparquet'
import { ParquetWriter, fileWriter, type BasicType } from 'hyparquet-writer'
import type { RunEvent } from '../run/table.ts'
import { allocate, columnOf, regroup, type Chunk, type Table } from './columns.ts'
import { guarded } from './journal.ts'

const rowsPerGroup = 65_536

/** Writes a table to `path` by way of a temporary file. */
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
    for (const chunk of regroup(table, chunks, rowsPerGroup)) {
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
  writeParquet(path, 'events', 1, schema, (write) => {
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
  const temporary = `${path}.part`
  guarded(path, () => {
    const writer = new ParquetWriter({
      writer: fileWriter(temporary),
      schema,
      createdBy: 'tailwatt',
      kvMetadata: [
        { key: 'tailwatt.table', value: name },
        { key: 'tailwatt.table.version', value: String(version) },
      ],
    })
    fill((columnData) => void writer.write({ columnData, rowGroupSize: columnData[0]!.data.length }))
    void writer.finish()
    renameSync(temporary, path)
  })
}

/** The chunks of a table, one a row group. Columns the file lacks are NaN or 0: an older version had none. */
export async function readTable(path: string, table: Table): Promise<Chunk[]> {
  const file = fileBuffer(path)
  try {
    const metadata = await parquetMetadataAsync(file.buffer)
    const present = new Set(metadata.schema.map((element) => element.name))
    const chunks: Chunk[] = []
    let rowStart = 0
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows)
      const chunk = allocate(table, rows)
      for (const { key, name, kind } of table.columns)
        if (!present.has(name) && kind === 'f64') columnOf(chunk, key).fill(Number.NaN)
      const byName = new Map(table.columns.map((column) => [column.name, column.key]))
      const from = rowStart
      await parquetRead({
        file: file.buffer,
        metadata,
        rowStart,
        rowEnd: rowStart + rows,
        columns: table.columns.map((column) => column.name).filter((name) => present.has(name)),
        onChunk: ({ columnName, columnData, rowStart: at }) => {
          const key = byName.get(columnName)
          if (key === undefined) return
          const values = columnOf(chunk, key)
          for (let i = 0; i < columnData.length; i++) {
            const row = at + i - from
            if (row >= 0 && row < rows) values[row] = Number(columnData[i])
          }
        },
      })
      chunks.push(chunk)
      rowStart += rows
    }
    return chunks
  } finally {
    file.close()
  }
}

export async function readEvents(path: string): Promise<RunEvent[]> {
  const file = fileBuffer(path)
  try {
    const metadata = await parquetMetadataAsync(file.buffer)
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
