// The journal of a run being measured: frames of rows appended to one file, each with its length and checksum, so that
// whatever a killed process or a torn write leaves behind can be read up to the last whole frame.
//
//   frame = magic u32 · kind u32 · payload bytes u32 · CRC-32 of the payload u32 · payload      (little endian)
import { closeSync, fdatasync, openSync, readSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { TailwattError } from '../base/errors.ts'
import type { BatchChunk, RequestChunk, RunEvent, SampleChunk } from '../run/table.ts'
import { decodeColumns, encodeColumns, tables } from './columns.ts'

const magic = 0x314a5754
const headerBytes = 16
const kinds = { requests: 1, batches: 2, samples: 3, events: 4 } as const
/** No writer makes a frame of this size; a length beyond it is damage. */
const largestPayload = 1 << 30
const syncMs = 500

export interface JournalRows {
  readonly requests: RequestChunk[]
  readonly batches: BatchChunk[]
  readonly samples: SampleChunk[]
  readonly events: RunEvent[]
}

export class Journal {
  readonly path: string
  readonly #fd: number
  readonly #timer: NodeJS.Timeout
  #dirty = false
  #open = true

  constructor(path: string) {
    this.path = path
    this.#fd = guarded(path, () => openSync(path, 'ax'))
    // Data in the page cache survives the process; the sync is for the machine.
    this.#timer = setInterval(() => this.#sync(), syncMs)
    this.#timer.unref()
  }

  requests(chunk: RequestChunk): void {
    this.#append(kinds.requests, encodeColumns(tables.requests, chunk))
  }
  batches(chunk: BatchChunk): void {
    this.#append(kinds.batches, encodeColumns(tables.batches, chunk))
  }
  samples(chunk: SampleChunk): void {
    this.#append(kinds.samples, encodeColumns(tables.samples, chunk))
  }
  event(event: RunEvent): void {
    this.#append(kinds.events, Buffer.from(JSON.stringify(event)))
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    clearInterval(this.#timer)
    closeSync(this.#fd)
  }

  #append(kind: number, payload: Uint8Array): void {
    const frame = Buffer.allocUnsafe(headerBytes + payload.length)
    frame.writeUInt32LE(magic, 0)
    frame.writeUInt32LE(kind, 4)
    frame.writeUInt32LE(payload.length, 8)
    frame.writeUInt32LE(crc32(payload), 12)
    frame.set(payload, headerBytes)
    guarded(this.path, () => {
      for (let at = 0; at < frame.length;) at += writeSync(this.#fd, frame, at)
    })
    this.#dirty = true
  }

  #sync(): void {
    if (!this.#dirty) return
    this.#dirty = false
    // A failing sync shows again as a failing write; there is nobody to tell in between.
    fdatasync(this.#fd, () => undefined)
  }
}

/** Turns the system's refusal to write into the error users see. */
export function guarded<T>(path: string, write: () => T): T {
  try {
    return write()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new TailwattError('cannot-store', { path, message: reasons[code] ?? code }, { cause: error })
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'there is no such folder',
  ENOTDIR: 'a part of the path is no folder',
  EFBIG: 'the file would become too large',
}

/** Every whole frame of a journal, up to the first that is torn or damaged. Never writes. */
export function readJournal(path: string): JournalRows {
  const rows: JournalRows = { requests: [], batches: [], samples: [], events: [] }
  const fd = openSync(path, 'r')
  try {
    const header = Buffer.allocUnsafe(headerBytes)
    for (let at = 0; readFully(fd, header, at);) {
      const kind = header.readUInt32LE(4)
      const length = header.readUInt32LE(8)
      if (header.readUInt32LE(0) !== magic || length > largestPayload) break
      const payload = Buffer.alloc(length)
      if (!readFully(fd, payload, at + headerBytes) || crc32(payload) !== header.readUInt32LE(12)) break
      at += headerBytes + length
      if (kind === kinds.requests) rows.requests.push(decodeColumns(tables.requests, payload) as RequestChunk)
      else if (kind === kinds.batches) rows.batches.push(decodeColumns(tables.batches, payload) as BatchChunk)
      else if (kind === kinds.samples) rows.samples.push(decodeColumns(tables.samples, payload) as SampleChunk)
      else if (kind === kinds.events) rows.events.push(JSON.parse(payload.toString('utf8')) as RunEvent)
    }
  } finally {
    closeSync(fd)
  }
  return rows
}

function readFully(fd: number, into: Buffer, from: number): boolean {
  let filled = 0
  while (filled < into.length) {
    const read = readSync(fd, into, filled, into.length - filled, from + filled)
    if (read === 0) return false
    filled += read
  }
  return true
}
