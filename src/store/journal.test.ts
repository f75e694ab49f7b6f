import { copyFileSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import type { TailwattError } from '../base/errors.ts'
import type { RequestChunk, SampleChunk } from '../run/table.ts'
import type { RunEvent } from '../run/event.ts'
import { allocate, chunkRows, tables } from './columns.ts'
import { Journal, readJournal } from './journal.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-journal-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
let count = 0
const fresh = (): string => join(scratch, `journal-${count++}`)

/** Requests whose ids count from `first`, with every column set. */
function requests(first: number, length: number): RequestChunk {
  const chunk = allocate(tables.requests, length) as RequestChunk
  for (let i = 0; i < length; i++) {
    chunk.id[i] = first + i
    chunk.instance[i] = 65_535
    chunk.batch[i] = 4_294_967_295
    chunk.phase[i] = 2
    chunk.scheduled[i] = 1e15 + i
    chunk.first[i] = Number.NaN
    chunk.status[i] = 503
  }
  return chunk
}

const note = (t: number): RunEvent<'note'> => ({ recording: 0, t, kind: 'note', data: { text: `at ${t} · µ` } })

/** Frames of several kinds, a number of their own in each; returns where each ends. */
function write(path: string, frames: number): number[] {
  const journal = new Journal(path)
  const ends = Array.from({ length: frames }, (_, i) => {
    if (i % 3 === 0) journal.append('requests', requests(i * 10, 2))
    else if (i % 3 === 1) journal.event(note(i))
    else
      journal.append(
        'samples',
        Object.assign(allocate(tables.samples, 2), { value: Float64Array.of(i, i) }) as SampleChunk,
      )
    return readFileSync(path).length
  })
  journal.close()
  return ends
}

/** Which frames of {@link write} a journal still holds. */
function framesOf(path: string): number[] {
  const rows = readJournal(path)
  const ids = rows.requests.flatMap((chunk) => [...chunk.id])
  const samples = rows.samples.flatMap((chunk) => [...chunk.value])
  return [
    ...ids.filter((_, i) => i % 2 === 0).map((id) => id / 10),
    ...rows.events.map((event) => event.t),
    ...samples.filter((_, i) => i % 2 === 0),
  ].sort((a, b) => a - b)
}

const upTo = (frames: number): number[] => Array.from({ length: frames }, (_, i) => i)

test('rows come back as they were appended, of every type and in order', () => {
  const path = fresh()
  const journal = new Journal(path)
  const rows = requests(0, 3)
  journal.append('requests', { ...rows, length: 2 })
  journal.append('requests', requests(2, 3))
  journal.event(note(7))
  journal.close()
  const read = readJournal(path)
  expect(read.requests).toEqual([requests(0, 5)].map((chunk) => ({ ...chunk, scheduled: read.requests[0]!.scheduled })))
  expect([...read.requests[0]!.scheduled]).toEqual([1e15, 1e15 + 1, 1e15, 1e15 + 1, 1e15 + 2])
  expect(read.events).toEqual([note(7)])
  expect(read.lostBytes).toBe(0)
})

test('however the rows were appended, they are read in chunks of the same size', () => {
  const path = fresh()
  const journal = new Journal(path)
  const sizes = [chunkRows - 1, 3, 2 * chunkRows, 1]
  let next = 0
  for (const size of sizes) journal.append('requests', requests((next += size) - size, size))
  journal.close()
  const { requests: chunks } = readJournal(path)
  expect(chunks.map((chunk) => chunk.length)).toEqual([chunkRows, chunkRows, chunkRows, 3])
  expect(chunks.flatMap((chunk) => [...chunk.id]).every((id, i) => id === i)).toBe(true)
})

test('a journal cut off anywhere keeps every frame that is whole', () => {
  const path = fresh()
  const ends = write(path, 6)
  const cut = fresh()
  for (let size = ends.at(-1)!; size >= 0; size--) {
    copyFileSync(path, cut)
    truncateSync(cut, size)
    const whole = ends.filter((end) => end <= size).length
    expect(framesOf(cut)).toEqual(upTo(whole))
    expect(readJournal(cut).lostBytes).toBe(size - (ends[whole - 1] ?? 0))
  }
})

test('a flipped bit loses no frame before the one it is in', () => {
  const path = fresh()
  const ends = write(path, 9)
  const bytes = readFileSync(path)
  const damaged = fresh()
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
      const copy = Buffer.from(bytes)
      copy[at]! ^= 1 << bit
      writeFileSync(damaged, copy)
      expect(framesOf(damaged)).toEqual(upTo(ends.filter((end) => end <= at).length))
    }),
    { numRuns: 500 },
  )
})

test('bytes that were never a journal are read as an empty one', () => {
  const path = fresh()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      writeFileSync(path, bytes)
      expect(framesOf(path)).toEqual([])
    }),
  )
})

test.runIf(process.platform === 'linux')('a full disk is named as the reason', () => {
  const journal = new Journal('/dev/full', undefined, (path) => openSync(path, 'a'))
  expect(() => journal.event(note(1))).toThrow(
    expect.objectContaining<Partial<TailwattError>>({
      code: 'cannot-store',
      data: { path: '/dev/full', message: 'the disk is full' },
    }),
  )
})

test('a journal in a folder that is not there cannot be stored, and one that is there is not overwritten', () => {
  const failure = (path: string): unknown => {
    try {
      return new Journal(path)
    } catch (error) {
      return (error as TailwattError).data
    }
  }
  const missing = join(scratch, 'missing', 'journal')
  expect(failure(missing)).toEqual({ path: missing, message: 'there is no such folder' })
  const path = fresh()
  write(path, 1)
  expect(failure(path)).toEqual({ path, message: 'a file of that name is in the way' })
  expect(framesOf(path)).toEqual([0])
})
