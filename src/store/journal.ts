// The journal of a run being measured: frames of rows appended to one file, each with its length and checksum, so that
// whatever a killed process or a torn write leaves behind can be read up to the last whole frame.
//
//   frame = magic u32 · kind u16 · version u16 · payload bytes u32 · CRC-32 u32 · payload      (little endian)
//
// The checksum covers kind, version, length and payload. The payload of an event is its JSON, of rows their columns.
import { parseJson } from '../base/json.ts'
import { closeSync, fdatasync, fdatasyncSync, ftruncateSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { readFully, writeFully } from '../host/regular-file.ts'
import { isEvent } from '../run/event-shape.ts'
import { ofTables, type AnyChunk, type Chunks, type TableName, type TableRows } from '../run/table.ts'
import type { RunEvent } from '../run/event.ts'
import { decodeColumns, encodeColumns, regroup, tables, type Table } from './columns.ts'
import { createEntry, openEntry } from './door.ts'
import { guarded } from './failure.ts'

const magic = 0x314a5754
const headerBytes = 16
const eventVersion = 1
/** What a frame of events is numbered; those of rows have numbers of their table. */
const eventFrame = 4
/** No writer makes a frame of this size; a length beyond it is damage. */
const largestPayload = 1 << 26
/** Bytes of a journal: 150 million requests. */
const largestJournal = 16e9
const syncMs = 500

export interface JournalRows extends TableRows {
  readonly events: readonly RunEvent[]
  /** Bytes behind the last whole frame: 0 unless the end is torn or a frame is damaged. */
  readonly lostBytes: number
  /** Frames whose checksum is right and whose payload is none that we know: left out. */
  readonly unknownFrames: number
}

/** Appends rows. A failed append leaves the journal as it was before it; rows stored earlier stay. */
export class Journal {
  readonly path: string
  readonly #fd: number
  readonly #timer: NodeJS.Timeout
  #size = 0
  #dirty = false
  #open = true
  #syncFailure: unknown

  /**
   * @param onSync called about twice a second, for as long as the process lives.
   * @throws TailwattError `cannot-store`; a journal that exists is not overwritten.
   */
  constructor(path: string, onSync: () => void = () => undefined, open: (path: string) => number = createEntry) {
    this.path = path
    this.#fd = open(path)
    // Data in the page cache survives the process; the sync is for the machine.
    this.#timer = setInterval(() => {
      onSync()
      this.#sync()
    }, syncMs)
    this.#timer.unref()
  }

  /** @throws TailwattError `cannot-store`, as `event` does. */
  append<T extends keyof Chunks>(table: T, chunk: Chunks[T]): void {
    const { frame, version } = tables[table]
    if (chunk.length > 0) this.#append(frame, version, encodeColumns(tables[table], chunk))
  }
  event(event: RunEvent): void {
    this.#append(eventFrame, eventVersion, Buffer.from(JSON.stringify(event)))
  }

  /** All that was appended, read back; also where its name has gone. */
  rows(): JournalRows {
    return readFrames(this.#fd, this.#size)
  }

  /** Syncs and closes; appending afterwards is a mistake. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    clearInterval(this.#timer)
    try {
      if (this.#dirty) guarded(this.path, () => fdatasyncSync(this.#fd))
    } finally {
      closeSync(this.#fd)
    }
  }

  #append(kind: number, version: number, payload: Uint8Array): void {
    if (!this.#open) throw new Error('the journal is closed')
    const frame = Buffer.allocUnsafe(headerBytes + payload.length)
    frame.writeUInt32LE(magic, 0)
    frame.writeUInt16LE(kind, 4)
    frame.writeUInt16LE(version, 6)
    frame.writeUInt32LE(payload.length, 8)
    frame.writeUInt32LE(checksum(frame, payload), 12)
    frame.set(payload, headerBytes)
    guarded(this.path, () => {
      if (this.#syncFailure !== undefined) throw this.#syncFailure
      try {
        writeFully(this.#fd, frame)
      } catch (error) {
        this.#takeBack()
        throw error
      }
    })
    this.#size += frame.length
    this.#dirty = true
  }

  /** Half a frame at the end would hide every later one. */
  #takeBack(): void {
    try {
      ftruncateSync(this.#fd, this.#size)
    } catch {
      // The reader stops at the torn frame, and the error that led here is on its way to the user.
    }
  }

  #sync(): void {
    if (!this.#dirty) return
    this.#dirty = false
    // The kernel reports a lost page once, here, and calls the next sync good: the next append has to fail.
    fdatasync(this.#fd, (error) => {
      if (error && this.#open) this.#syncFailure = error
    })
  }
}

/** Over the header's kind, version and length, and the payload. */
const checksum = (header: Buffer, payload: Uint8Array): number => crc32(payload, crc32(header.subarray(4, 12)))

/**
 * Every whole frame of a journal, up to the first that is torn or whose checksum is wrong. Never writes.
 * @throws TailwattError `run-damaged` for what is no journal file; the system's error as it is.
 */
export function readJournal(path: string): JournalRows {
  const { fd, size } = openEntry(path, largestJournal)
  try {
    return readFrames(fd, size)
  } finally {
    closeSync(fd)
  }
}

function readFrames(fd: number, size: number): JournalRows {
  const loose = ofTables<Record<TableName, AnyChunk[]>>(() => [])
  const events: RunEvent[] = []
  let unknownFrames = 0
  let at = 0
  for (let frame = readFrame(fd, at, size); frame; frame = readFrame(fd, at, size)) {
    at += headerBytes + frame.payload.length
    const rows = rowsOf(frame)
    if (!rows) unknownFrames++
    else if ('table' in rows) loose[rows.table.name].push(rows.chunk)
    else events.push(rows.event)
  }
  return {
    ...ofTables<TableRows>((name) => [...regroup(tables[name], loose[name])]),
    events,
    lostBytes: size - at,
    unknownFrames,
  }
}

type FrameRows = { readonly event: RunEvent } | { readonly table: Table; readonly chunk: AnyChunk }

/** `undefined` for a payload that is neither an event nor rows of a table we know: a checksum says nothing of its sense. */
function rowsOf({ kind, version, payload }: Frame): FrameRows | undefined {
  if (kind === eventFrame) {
    const event = version === eventVersion ? parseJson(payload.toString('utf8')) : undefined
    return isEvent(event) ? { event } : undefined
  }
  const table = tableOf(kind, version)
  const chunk = table && decodeColumns(table, version, payload)
  return table && chunk && { table, chunk }
}

function tableOf(kind: number, version: number): Table | undefined {
  return Object.values(tables).find((table) => table.frame === kind && version >= 1 && version <= table.version)
}

interface Frame {
  readonly kind: number
  readonly version: number
  readonly payload: Buffer
}

function readFrame(fd: number, at: number, size: number): Frame | undefined {
  const header = Buffer.allocUnsafe(headerBytes)
  if (at + headerBytes > size || readFully(fd, header, at) < headerBytes) return undefined
  const length = header.readUInt32LE(8)
  // The length is believed only as far as the file goes: a damaged one must not make us allocate.
  if (header.readUInt32LE(0) !== magic || length > largestPayload || at + headerBytes + length > size) return undefined
  const payload = Buffer.allocUnsafe(length)
  if (readFully(fd, payload, at + headerBytes) < length) return undefined
  if (checksum(header, payload) !== header.readUInt32LE(12)) return undefined
  return { kind: header.readUInt16LE(4), version: header.readUInt16LE(6), payload }
}
