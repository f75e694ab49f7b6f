// Files of a run that are wrong inside a right checksum: what cannot have been measured is left out and counted, the rest
// opens, and its report is made.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { crc32 } from 'node:zlib'
import * as fc from 'fast-check'
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer'
import { afterAll, describe, expect, test } from 'vitest'
import { listRuns, openRun, reportHtml } from '../dist/index.js'
import type { Measured } from '../dist/run/source.js'
import { tables } from '../dist/store/columns.js'
import { readTable } from '../dist/store/parquet.js'

const fixtures = join(import.meta.dirname, 'fixtures/runs')
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-damaged-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const fresh = (of: 'v1' | 'v1-killed'): string => {
  const folder = join(mkdtempSync(join(scratch, 'runs-')), 'example')
  cpSync(join(fixtures, of), folder, { recursive: true })
  return folder
}

interface Frame {
  readonly kind: number
  readonly version: number
  readonly payload: Buffer
}
const kinds = { requests: 1, batches: 2, samples: 3, events: 4 }

function framesOf(bytes: Buffer): Frame[] {
  const frames: Frame[] = []
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32LE(at + 8)
    const payload = bytes.subarray(at + 16, at + 16 + length)
    frames.push({ kind: bytes.readUInt16LE(at + 4), version: bytes.readUInt16LE(at + 6), payload })
    at += 16 + length
  }
  return frames
}

/** A journal of these frames, each with its right checksum. */
function journalOf(frames: readonly Frame[]): Buffer {
  return Buffer.concat(
    frames.flatMap(({ kind, version, payload }) => {
      const header = Buffer.alloc(16)
      header.writeUInt32LE(0x314a5754, 0)
      header.writeUInt16LE(kind, 4)
      header.writeUInt16LE(version, 6)
      header.writeUInt32LE(payload.length, 8)
      header.writeUInt32LE(crc32(payload, crc32(header.subarray(4, 12))), 12)
      return [header, payload]
    }),
  )
}

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
const whole = framesOf(readFileSync(join(fixtures, 'v1-killed/journal.bin')))
const event = (value: unknown): Frame => ({ kind: 4, version: 1, payload: Buffer.from(JSON.stringify(value)) })
const rowCount = (chunks: readonly { readonly length: number }[]): number => chunks.reduce((n, c) => n + c.length, 0)
const rowsIn = (frames: readonly Frame[], kind: number): number =>
  frames.reduce((n, frame) => n + (frame.kind === kind ? (kind === 4 ? 1 : frame.payload.readUInt32LE(0)) : 0), 0)

function killedWith(frames: readonly Frame[]): string {
  const folder = fresh('v1-killed')
  writeFileSync(join(folder, 'journal.bin'), journalOf(frames))
  return folder
}

const counted = (run: { readonly document: { readonly unmeasured: readonly { what: string; reason: string }[] } }) =>
  run.document.unmeasured.find(({ what }) => what === 'damaged rows')?.reason

/** A frame with some of its rows' values replaced: the payload, where the columns begin, is struct-of-arrays. */
function withValue(frame: Frame, table: keyof typeof tables, key: string, row: number, value: number): Frame {
  const payload = Buffer.from(frame.payload)
  const rows = payload.readUInt32LE(0)
  const bytes = { u8: 1, u16: 2, u32: 4, f64: 8 }
  let at = 4
  // As its version had them.
  for (const column of tables[table].columns.filter(({ since }) => since <= frame.version)) {
    const size = bytes[column.kind]
    if (column.key === key) {
      if (column.kind === 'f64') payload.writeDoubleLE(value, at + row * size)
      else payload.writeUIntLE(value, at + row * size, size)
    }
    at += rows * size
  }
  return { ...frame, payload }
}

describe('a journal with right checksums', () => {
  test('that is as it was written has no damaged rows', async () => {
    const run = await openRun(killedWith(whole))
    expect(run.document.requests.sent).toBe(600)
    expect(counted(run)).toBeUndefined()
  })

  test('and events that are none keeps all else, and counts them', async () => {
    const wrong = [
      null,
      7,
      'clock',
      [],
      {},
      { recording: 0, t: 1, kind: 'later', data: {} },
      { recording: 0, t: null, kind: 'note', data: { text: 'x' } },
      { recording: 9, t: 1, kind: 'note', data: { text: 'x' } },
      { recording: 0, t: 1, kind: 'phase', data: 7 },
      { recording: 0, t: 1, kind: 'self_usage', data: { wall_s: 'x' } },
    ].map(event)
    const garbage = { kind: 4, version: 1, payload: Buffer.from([0xff, 0, 1, 2]) }
    const frames = [...wrong, garbage, ...whole, { ...garbage, kind: 99 }, { ...garbage, version: 7 }]
    const run = await openRun(killedWith(frames))
    expect(run.document.requests.sent).toBe(600)
    expect(rowCount((await run.measured()).samples)).toBe(rowsIn(whole, kinds.samples))
    expect((await run.measured()).events).toHaveLength(rowsIn(whole, kinds.events))
    expect(counted(run)).toMatch(/^1 event, 12 entries that are none of these in the run folder cannot/)
    expect(await reportHtml(run)).toContain('damaged rows')
  })

  test('and an event that is nested deeper than anything of ours can be finished and reported', async () => {
    const deep = `{"recording":0,"t":1,"kind":"note","data":{"text":"x","y":${nested(100_000)}}}`
    const folder = killedWith([{ kind: kinds.events, version: 1, payload: Buffer.from(deep) }, ...whole])
    expect(counted(await openRun(folder))).toMatch(/^1 entry that is none of these in/)
    expect(await reportHtml(await openRun(folder))).toContain('damaged rows')
  })

  test('and rows that cannot be keeps the others, and counts them', async () => {
    const requests = whole.findIndex(({ kind }) => kind === kinds.requests)
    const samples = whole.findIndex(({ kind }) => kind === kinds.samples)
    const frames = [...whole]
    const wrong: readonly [string, number][] = [
      ['done', Number.NaN],
      ['done', 1],
      ['started', Number.POSITIVE_INFINITY],
      ['scheduled', -1e12],
      ['id', 1e300],
      ['status', 42],
      ['phase', 200],
      ['recording', 3],
    ]
    wrong.forEach(([key, value], row) => {
      frames[requests] = withValue(frames[requests]!, 'requests', key, row, value)
    })
    frames[samples] = withValue(frames[samples]!, 'samples', 'channel', 0, 60_000)
    frames[samples] = withValue(frames[samples]!, 'samples', 't', 1, Number.NaN)
    const run = await openRun(killedWith(frames))
    expect(run.document.requests.sent).toBe(600 - wrong.length)
    expect(counted(run)).toMatch(/^8 requests, 2 samples in the run folder cannot/)
    const again = await openRun(run.folder)
    expect(JSON.stringify(again.document)).toBe(JSON.stringify(run.document))
    expect(rowCount((await again.measured()).requests)).toBe(600 - wrong.length)
  })

  const specials = [Number.NaN, Infinity, -Infinity, -1, 0, 0.5, 1e9, 1e15, 9e15, 1e19, 1e300, -1e300, 2 ** 53, 5e-324]
  const mutation = fc.oneof(
    fc.record({ at: fc.nat(), bytes: fc.uint8Array({ minLength: 1, maxLength: 16 }) }),
    fc.record({ column: fc.nat(13), row: fc.nat(), value: fc.oneof(fc.constantFrom(...specials), fc.double()) }),
    fc.record({ keep: fc.nat() }),
    fc.record({ kind: fc.nat(5), version: fc.nat(2) }),
    fc.record({ json: fc.json() }),
  )
  type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never

  function mutated(frame: Frame, how: Mutation): Frame {
    const payload = Buffer.from(frame.payload)
    if ('keep' in how) return { ...frame, payload: payload.subarray(0, how.keep % payload.length) }
    if ('kind' in how) return { ...frame, ...how }
    if ('json' in how) return { kind: kinds.events, version: 1, payload: Buffer.from(how.json) }
    if ('bytes' in how) {
      const at = how.at % payload.length
      payload.set(how.bytes.subarray(0, payload.length - at), at)
      return { ...frame, payload }
    }
    const table = (['requests', 'batches', 'samples'] as const)[frame.kind - 1]
    if (!table) return frame
    const { key, kind } = tables[table].columns[how.column % tables[table].columns.length]!
    const largest = { u8: 0xff, u16: 0xffff, u32: 0xffff_ffff, f64: 0 }[kind]
    const value = kind === 'f64' ? how.value : Math.min(largest, Math.max(0, Math.round(how.value) || 0))
    return withValue(frame, table, key, how.row % frame.payload.readUInt32LE(0), value)
  }

  test('and any change opens, with every row of the other frames, and renders', { timeout: 300_000 }, async () => {
    const change = fc.record({ frame: fc.nat(whole.length - 1), how: mutation })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
        const frames = [...whole]
        for (const { frame, how } of changes) frames[frame] = mutated(whole[frame]!, how)
        const untouched = whole.filter((_, i) => !changes.some(({ frame }) => frame === i))
        const folder = killedWith(frames)
        const run = await openRun(folder)
        const rows: Measured = await run.measured()
        expect(rowCount(rows.requests)).toBeGreaterThanOrEqual(rowsIn(untouched, kinds.requests))
        expect(rowCount(rows.samples)).toBeGreaterThanOrEqual(rowsIn(untouched, kinds.samples))
        expect(rows.events.length).toBeGreaterThanOrEqual(rowsIn(untouched, kinds.events))
        expect((await reportHtml(run)).startsWith('<!doctype html>')).toBe(true)
        const again = await openRun(folder)
        expect(JSON.stringify(again.document)).toBe(JSON.stringify(run.document))
        rmSync(folder, { recursive: true })
      }),
      { numRuns: 60 },
    )
  })
})

describe('a Parquet file that its reader takes', () => {
  /** The requests of the finished run, with some columns made otherwise. */
  async function withColumns(change: (columns: ColumnSource[]) => ColumnSource[]): Promise<string> {
    const folder = fresh('v1')
    const path = join(folder, 'requests.parquet')
    const [chunk] = (await readTable(path, tables.requests)) as unknown as [Record<string, ArrayLike<number>>]
    const columnData = tables.requests.columns.map(({ key, name, kind }): ColumnSource => ({
      name,
      data: Array.from(chunk[key]!, (value) => (kind === 'f64' && key !== 'id' ? value : Math.round(value))),
      type: kind === 'f64' && key !== 'id' ? 'DOUBLE' : 'INT32',
      nullable: true,
    }))
    writeFileSync(path, Buffer.from(parquetWriteBuffer({ columnData: change(columnData) })))
    return folder
  }

  const replaced = (name: string, make: (data: unknown[]) => Partial<ColumnSource>) =>
    withColumns((columns) =>
      columns.map((column) =>
        column.name === name ? { ...column, ...make([...(column.data as unknown[])]) } : column,
      ),
    )

  const first = (data: unknown[], ...values: readonly unknown[]): Partial<ColumnSource> => ({
    data: [...values, ...data.slice(values.length)] as ColumnSource['data'] & unknown[],
  })

  test.each([
    ['no change', () => withColumns((columns) => columns), 600],
    ['times that are none', () => replaced('done_ns', (data) => first(data, Number.NaN, null, Infinity, -1)), 596],
    ['codes that are missing', () => replaced('status', (data) => first(data, null, null)), 598],
    ['codes that are none', () => replaced('status', (data) => first(data, -1, 70_000, 50)), 597],
    ['ids that are missing', () => replaced('id', (data) => first(data, null)), 599],
    ['text for times', () => replaced('started_ns', (data) => ({ data: data.map(String), type: 'STRING' })), 0],
    ['text for codes', () => replaced('phase', (data) => ({ data: data.map(String), type: 'STRING' })), 0],
    ['truth for codes', () => replaced('status', (data) => ({ data: data.map(() => false), type: 'BOOLEAN' })), 0],
    ['fractions for codes', () => replaced('batch', (data) => ({ data: data.map(() => 1.5), type: 'DOUBLE' })), 0],
  ] as const)('with %s gives the rows that can be, and counts the others', async (_, make, good) => {
    const run = await openRun(await make())
    const { requests, manifest } = await run.measured()
    expect(rowCount(requests)).toBe(good)
    const reason = manifest.unmeasured.find(({ what }) => what === 'damaged rows')?.reason
    if (good === 600) expect(reason).toBeUndefined()
    else expect(reason).toMatch(new RegExp(`^${600 - good} requests? in the run folder cannot`))
    expect((await reportHtml(run)).startsWith('<!doctype html>')).toBe(true)
  })

  test('that claims more rows than it has bytes is refused before there is memory for them', async () => {
    const folder = fresh('v1')
    const path = join(folder, 'requests.parquet')
    const bytes = readFileSync(path)
    const footer = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8)
    // Zigzag varints: 600 rows, claimed to be 2²³.
    const claims = bytes.toString('latin1', footer, bytes.length - 8).replaceAll('\xb0\x09', '\x80\x80\x80\x08')
    const changed = Buffer.concat([bytes.subarray(0, footer), Buffer.from(claims, 'latin1'), bytes.subarray(-8)])
    changed.writeUInt32LE(claims.length, changed.length - 8)
    writeFileSync(path, changed)
    await expect((await openRun(folder)).measured()).rejects.toMatchObject({
      code: 'run-damaged',
      data: { message: `${2 ** 23} rows in ${changed.length} bytes` },
    })
  })

  test('of events with some that are none gives the others', async () => {
    const folder = fresh('v1')
    const text = { type: 'STRING' } as const
    const columnData = [
      { name: 'recording', data: [0, 0, 0, 0, 5], type: 'INT32' as const },
      { name: 't_ns', data: [1, Number.NaN, 3, 4, 5], type: 'DOUBLE' as const },
      { name: 'kind', data: ['note', 'note', 'later', 'note', 'note'], ...text },
      { name: 'data', data: ['{"text":"x"}', '{"text":"x"}', '{}', '{', '{"text":"x"}'], ...text },
    ]
    writeFileSync(join(folder, 'events.parquet'), Buffer.from(parquetWriteBuffer({ columnData })))
    const { events, manifest } = await (await openRun(folder)).measured()
    expect(events).toEqual([{ recording: 0, t: 1, kind: 'note', data: { text: 'x' } }])
    expect(manifest.unmeasured.find(({ what }) => what === 'damaged rows')?.reason).toMatch(
      /^1 event, 3 entries that are none of these in/,
    )
  })
})

test('a run.json that is nested too deeply is damaged, and hides no other run', async () => {
  const folder = fresh('v1')
  const path = join(folder, 'run.json')
  writeFileSync(path, readFileSync(path, 'utf8').replace('{', `{"deep":${nested(100_000)},`))
  cpSync(fresh('v1'), join(folder, '../other'), { recursive: true })
  await expect(openRun(folder)).rejects.toMatchObject({ code: 'run-damaged' })
  expect((await listRuns(join(folder, '..'))).map((run) => basename(run.folder))).toEqual(['other'])
})
