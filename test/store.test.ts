// Run folders as a user meets them: finished, live, killed at any step, damaged, of an older or a later version. On the
// built package; threads and real kills are in kill.test.ts.
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { listRuns, openRun } from '../dist/index.js'
import type { RunDocument } from '../dist/run/document.js'
import type { Manifest } from '../dist/run/manifest.js'
import type { Measured } from '../dist/run/source.js'
import type { RequestChunk } from '../dist/run/table.js'
import { upgradeDocument } from '../dist/run/upgrade.js'
import { analyse } from '../dist/analysis/analyse.js'
import { allocate, tables } from '../dist/store/columns.js'
import { createRun } from '../dist/store/create.js'
import { findRun } from '../dist/store/stored-runs.js'
import { readTable, writeTable } from '../dist/store/parquet.js'

const fixtures = join(import.meta.dirname, 'fixtures/runs')
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-store-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const fresh = (): string => mkdtempSync(join(scratch, 'runs-'))

/** A copy of a stored run that may be changed. */
function copyOf(fixture: string, out = fresh()): string {
  const folder = join(out, 'example')
  cpSync(join(fixtures, fixture), folder, { recursive: true })
  return folder
}

const upgraded = (name: string): unknown =>
  upgradeDocument(JSON.parse(readFileSync(join(fixtures, name, 'run.json'), 'utf8')), name)
const manifest = upgraded('v1-killed') as Manifest
const at = (minute: number, id = 'f'.repeat(32)): Manifest => ({
  ...manifest,
  id,
  started_at: `2026-05-01T10:${String(minute).padStart(2, '0')}:00.000Z`,
})

function requests(first: number, length: number): RequestChunk {
  const chunk = allocate(tables.requests, length) as RequestChunk
  for (let i = 0; i < length; i++) {
    chunk.id[i] = first + i
    chunk.batch[i] = 1
    chunk.scheduled[i] = chunk.ready[i] = chunk.started[i] = (first + i) * 1e6
    chunk.done[i] = (first + i) * 1e6 + 500_000
    chunk.first[i] = chunk.seen[i] = chunk.engine[i] = Number.NaN
  }
  return chunk
}

const rowCount = (chunks: readonly { readonly length: number }[]): number => chunks.reduce((n, c) => n + c.length, 0)
const open = (folder: string): ReturnType<typeof openRun> => openRun(folder, { out: join(folder, '..') })
const failure = (code: string): unknown => expect.objectContaining({ code })

/** Names, sizes, contents and times of all files of a folder. */
const snapshot = (folder: string): unknown =>
  readdirSync(folder)
    .sort()
    .map((name) => [name, readFileSync(join(folder, name)).toString('base64'), statSync(join(folder, name)).mtimeMs])

describe.each(['v1', 'v2'])('a run of format %s', (format) => {
  test('opens with its document and all its rows, and nothing in its folder changes', async () => {
    const folder = copyOf(format)
    const before = snapshot(folder)
    const run = await open(folder)
    expect(run.state).toBe('complete')
    expect(run.document).toEqual(upgraded(format))
    const measured = await run.measured()
    expect(rowCount(measured.requests)).toBe(600)
    expect(rowCount(measured.batches)).toBe(2)
    expect(measured.manifest.sla).toEqual(['p99<50ms', 'error_rate<1%'])
    expect(measured.events.map((event) => event.kind)).toEqual(['clock', 'cold_start', 'phase', 'error', 'phase'])
    expect(snapshot(folder)).toEqual(before)
  })

  test('that was killed is recovered, with the same rows as the one that was finished', async () => {
    const killed = await open(copyOf(`${format}-killed`))
    const finished = await open(copyOf(format))
    const { manifest: _, ...rows } = await killed.measured()
    const { manifest: __, ...same } = await finished.measured()
    expect(rows).toEqual(same)
    expect(killed.document.state).toBe('recovered')
    const firstPlanned = Math.min(...rows.requests.flatMap(({ scheduled }) => [...scheduled]))
    // The one that was finished is of a version that began with the order to begin.
    expect(killed.document.recordings).toEqual(
      finished.document.recordings.map((recording) => ({ ...recording, from: firstPlanned })),
    )
    expect(killed.document.requests).toEqual(finished.document.requests)
    expect(killed.document.unmeasured.map(({ what }) => what)).not.toContain('last rows')
  })
})

describe('a crash', () => {
  const finished = (async () => {
    const folder = copyOf('v1-killed')
    const { document, measured } = await open(folder)
    return { folder, document, measured: await measured() }
  })()
  const files = ['requests.parquet', 'batches.parquet', 'samples.parquet', 'events.parquet']

  /** The folder as a crash leaves it after some of the finishing steps. */
  async function crashedAfter(written: readonly string[], torn?: string): Promise<string> {
    const folder = copyOf('v1-killed')
    for (const name of written) cpSync(join((await finished).folder, name), join(folder, name))
    if (torn) writeFileSync(join(folder, `${torn}.part`), 'PAR1 and half a')
    writeFileSync(join(folder, 'lock'), '{"pid":')
    return folder
  }

  async function expectFinished(folder: string): Promise<void> {
    const { document, measured } = await finished
    for (let opening = 1; opening <= 2; opening++) {
      const run = await open(folder)
      expect(run.state).toBe('complete')
      expect(run.document).toEqual(document)
      expect((await run.measured()).requests).toEqual(measured.requests)
      expect((await run.measured()).events).toEqual(measured.events)
    }
    expect(readdirSync(folder).sort()).toEqual([...files, 'run.json'].sort())
  }

  test('between any two steps of finishing loses nothing', async () => {
    for (let steps = 0; steps <= files.length; steps++) {
      await expectFinished(await crashedAfter(files.slice(0, steps)))
      await expectFinished(await crashedAfter(files.slice(0, steps), files[steps] ?? 'run.json'))
    }
  })

  test('after the document is stored leaves only tidying up to the next opening', async () => {
    const folder = await crashedAfter([...files, 'run.json'])
    await expectFinished(folder)
    const withMore = await crashedAfter(files)
    writeFileSync(join(withMore, 'run.json'), JSON.stringify({ ...(await finished).document, duration_s: 123 }))
    expect((await open(withMore)).document.duration_s).toBe(123)
    const withoutJournal = await crashedAfter([...files, 'run.json'])
    rmSync(join(withoutJournal, 'journal.bin'))
    const run = await open(withoutJournal)
    expect(run.state).toBe('complete')
    expect((await run.measured()).requests).toEqual((await finished).measured.requests)
  })

  test('before the first row leaves a run without rows', async () => {
    const folder = copyOf('v1-killed')
    rmSync(join(folder, 'journal.bin'))
    const run = await open(folder)
    expect(run.document.state).toBe('recovered')
    expect(run.document.requests.sent).toBe(0)
    expect(run.document.latency_ms.p50.value).toBeNull()
  })

  test('while finishing keeps what the run said about its end', async () => {
    const folder = copyOf('v1-killed')
    writeFileSync(
      join(folder, 'run.json'),
      JSON.stringify({ ...manifest, state: 'failed', failure: { code: 'target-crashed', data: { message: 'x' } } }),
    )
    const { document } = await open(folder)
    expect(document.state).toBe('failed')
    expect(document.failure).toEqual({ code: 'target-crashed', data: { message: 'x' } })
  })

  test('of the machine that damages the journal keeps the rows before, and says that some are lost', async () => {
    const folder = copyOf('v1-killed')
    const path = join(folder, 'journal.bin')
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.subarray(0, bytes.length / 2))
    const { document } = await open(folder)
    expect(document.requests.sent).toBe(300)
    expect(document.unmeasured.find(({ what }) => what === 'last rows')?.reason).toMatch(/last \d+ bytes/)
  })
})

describe('a live run', () => {
  test('shows what there is so far, again and again, and not a byte of it changes', async () => {
    const writer = createRun(fresh(), at(1))
    writer.append('requests', requests(0, 10))
    const before = snapshot(writer.folder)
    const first = await open(writer.folder)
    expect(first.state).toBe('live')
    expect(first.document.requests.sent).toBe(10)
    expect(first.document.state).toBe('running')
    expect(first.document.duration_s).toBe(0.0095)
    expect(snapshot(writer.folder)).toEqual(before)
    writer.append('requests', requests(10, 5))
    appendFileSync(join(writer.folder, 'journal.bin'), 'half a frame')
    expect((await open(writer.folder)).document.requests.sent).toBe(15)
    writer.discard()
    expect(existsSync(writer.folder)).toBe(false)
  })

  test('has its own recording’s number in every row, whatever else was imported before', async () => {
    const { recordings, ...rest } = at(1)
    const [own] = recordings
    const imported = { ...own!, source: 'elsewhere' }
    const writer = createRun(fresh(), { ...rest, recordings: [imported, { ...own!, id: 1 }] })
    writer.append('requests', requests(0, 10))
    writer.appendEvent({ t: 1, kind: 'note', data: { text: 'x' } })
    const { requests: chunks, events } = await writer.measured()
    expect(chunks.flatMap(({ recording, length }) => [...recording.subarray(0, length)])).toEqual(Array(10).fill(1))
    expect(events.map(({ recording }) => recording)).toEqual([1])
    const { measured } = await open(writer.folder)
    expect((await measured()).manifest.recordings.map(({ to }) => to > 0)).toEqual([false, true])
    writer.discard()
  })

  test('is finished by its own writer, and then complete', async () => {
    const writer = createRun(fresh(), at(1))
    writer.append('requests', requests(0, 10))
    writer.appendEvent({ t: 1, kind: 'note', data: { text: 'µ "quoted"\n' } })
    writer.manifest({ ...at(1), state: 'complete' })
    const document = analyse(await writer.measured())
    await writer.finish(document)
    expect(readdirSync(writer.folder).sort()).toEqual(
      ['events.parquet', 'requests.parquet', 'run.json', 'samples.parquet'].sort(),
    )
    const run = await open(writer.folder)
    expect(run.state).toBe('complete')
    expect(run.document).toEqual(JSON.parse(JSON.stringify(document)))
    expect((await run.measured()).events[0]?.data).toEqual({ text: 'µ "quoted"\n' })
  })

  test('that its writer gave up is recovered by the next opening', async () => {
    const writer = createRun(fresh(), at(1))
    writer.append('requests', requests(0, 10))
    writer.release()
    writer.release()
    expect((await open(writer.folder)).document.requests.sent).toBe(10)
  })

  test('opened by two at once after a kill is recovered by one, and both see it', async () => {
    const folder = copyOf('v1-killed')
    const [one, two] = await Promise.all([open(folder), open(folder)])
    expect(one.document.requests).toEqual(two.document.requests)
    expect((await open(folder)).state).toBe('complete')
    expect(readdirSync(folder).filter((name) => !/^run\.json$|\.parquet$/.test(name))).toEqual([])
  })
})

describe('storing', () => {
  test('gives every run a folder of its own, named by time and target', () => {
    const out = fresh()
    const named = { ...at(7), name: 'http://localhost:8000/v2/ß?x=1' }
    const folders = [1, 2, 3].map(() => createRun(join(out, 'deep/runs'), named).folder)
    expect(folders.map((folder) => folder.slice(out.length))).toEqual([
      '/deep/runs/20260501-100700-http-localhost-8000-v2-x-1',
      '/deep/runs/20260501-100700-http-localhost-8000-v2-x-1-2',
      '/deep/runs/20260501-100700-http-localhost-8000-v2-x-1-3',
    ])
  })

  test('where a file is in the way fails with its reason and leaves nothing behind', () => {
    const out = fresh()
    writeFileSync(join(out, 'file'), '')
    for (const path of [join(out, 'file'), join(out, 'file/runs')])
      expect(() => createRun(path, at(1))).toThrow(failure('cannot-store'))
    expect(readdirSync(out)).toEqual(['file'])
  })

  test('that fails at any step of finishing keeps the journal, and the next opening finishes', async () => {
    for (const name of ['requests.parquet', 'samples.parquet', 'events.parquet', 'run.json']) {
      const writer = createRun(fresh(), at(1))
      writer.append('requests', requests(0, 10))
      const takenAway = obstructed(writer.folder, name)
      await expect(writer.finish(analyse(await writer.measured()))).rejects.toThrow(failure('cannot-store'))
      expect(existsSync(join(writer.folder, 'journal.bin'))).toBe(true)
      takenAway()
      writer.release()
      expect((await open(writer.folder)).document.requests.sent).toBe(10)
      expect(readdirSync(writer.folder).filter((entry) => entry.endsWith('.part'))).toEqual([])
    }
  })

  test('that fails while recovering gives the run from memory, and leaves it to the next opening to store', async () => {
    const folder = copyOf('v1-killed')
    const takenAway = obstructed(folder, 'events.parquet')
    const unstored = await open(folder)
    expect(unstored.notStored).toMatchObject({
      code: 'cannot-store',
      data: { path: join(folder, 'events.parquet'), message: 'a folder of that name is in the way' },
    })
    expect(rowCount((await unstored.measured()).requests)).toBe(600)
    expect(existsSync(join(folder, 'journal.bin'))).toBe(true)
    expect(existsSync(join(folder, 'lock'))).toBe(false)
    takenAway()
    const run = await open(folder)
    expect(run.state).toBe('complete')
    expect(run.notStored).toBeUndefined()
    expect(JSON.stringify(run.document)).toBe(JSON.stringify(unstored.document))
    expect(existsSync(join(folder, 'journal.bin'))).toBe(false)
  })

  /** Puts a folder where a file of the run will be; returns what undoes it. */
  function obstructed(folder: string, name: string): () => void {
    const path = join(folder, name)
    const before = existsSync(path) ? readFileSync(path) : undefined
    rmSync(path, { force: true })
    mkdirSync(path)
    return () => {
      rmSync(path, { recursive: true })
      if (before) writeFileSync(path, before)
    }
  }
})

describe('finding', () => {
  const ids = ['0123aaaa', '0123bbbb', '4567cccc'].map((start) => start.padEnd(32, '0'))
  function threeRuns(): { out: string; folders: string[] } {
    const out = fresh()
    const folders = ids.map((id, i) => {
      const writer = createRun(out, at(10 + i, id))
      writer.release()
      return writer.folder
    })
    return { out, folders }
  }

  test('takes a folder, its run.json, a folder name, an id, the start of one, or latest', () => {
    const { out, folders } = threeRuns()
    const [first, second, third] = folders as [string, string, string]
    expect(findRun(first, '/nowhere')).toBe(first)
    expect(findRun(join(first, 'run.json'), '/nowhere')).toBe(first)
    expect(findRun(first.slice(out.length + 1), out)).toBe(first)
    expect(findRun(ids[1]!, out)).toBe(second)
    expect(findRun('0123b', out)).toBe(second)
    expect(findRun('4567', out)).toBe(third)
    expect(findRun('latest', out)).toBe(third)
  })

  test('names no run where there is none, or more than one', () => {
    const { out } = threeRuns()
    for (const name of ['', '456', '0123', 'nothing', '..', '/'])
      expect(() => findRun(name, out)).toThrow(failure('run-not-found'))
    expect(() => findRun('latest', join(out, 'missing'))).toThrow(failure('run-not-found'))
  })

  test('lists the newest first and leaves out what cannot be read', async () => {
    const { out, folders } = threeRuns()
    writeFileSync(join(out, 'a file'), '')
    mkdirSync(join(out, 'an empty folder'))
    const damaged = [
      '',
      '{',
      '{}',
      'null',
      '{"schema":"tailwatt.run/1","started_at":5}',
      '{"schema":"tailwatt.run/99"}',
    ]
    damaged.forEach((text, i) => {
      mkdirSync(join(out, `damaged-${i}`))
      writeFileSync(join(out, `damaged-${i}/run.json`), text)
    })
    copyOf('v1', out)
    const runs = await listRuns(out)
    expect(runs.map((run) => run.folder)).toEqual([...folders.reverse(), join(out, 'example')])
    expect(runs.map((run) => run.state)).toEqual(['dead', 'dead', 'dead', 'complete'])
    expect(await listRuns(join(out, 'missing'))).toEqual([])
  })
})

describe('a damaged run', () => {
  test('is refused with a sentence: no document, a torn one, a wrong one, a table missing', async () => {
    const broken = (name: string, text?: string): string => {
      const folder = copyOf('v1')
      if (text === undefined) rmSync(join(folder, name))
      else writeFileSync(join(folder, name), text)
      return folder
    }
    const text = readFileSync(join(fixtures, 'v1/run.json'), 'utf8')
    const document = JSON.parse(text) as RunDocument
    await expect(open(broken('run.json', text.slice(0, 1000)))).rejects.toThrow(failure('run-damaged'))
    const wrong = JSON.stringify({ ...document, latency_ms: 1 })
    await expect(open(broken('run.json', wrong))).rejects.toThrow(failure('run-damaged'))
    const later = JSON.stringify({ ...document, schema: 'tailwatt.run/3' })
    await expect(open(broken('run.json', later))).rejects.toThrow(failure('run-newer'))
    for (const [name, content] of [
      ['requests.parquet', undefined],
      ['samples.parquet', ''],
      ['events.parquet', 'PAR1 and nothing PAR1'],
    ] as const) {
      const run = await open(broken(name, content))
      expect(run.document).toEqual(upgraded('v1'))
      await expect(run.measured()).rejects.toThrow(failure('run-damaged'))
    }
  })

  test('with any byte of a table changed is read or refused, never worse', { timeout: 120_000 }, async () => {
    const folder = copyOf('v1')
    const path = join(folder, 'samples.parquet')
    const bytes = readFileSync(path)
    const run = await open(folder)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (index, change) => {
        const copy = Buffer.from(bytes)
        copy[index]! ^= change
        writeFileSync(path, copy)
        const outcome = await run.measured().catch((error: unknown) => error)
        if (outcome instanceof Error)
          expect(['run-damaged', 'run-newer']).toContain((outcome as { code?: string }).code)
        else expect((outcome as Measured).samples.length).toBeLessThanOrEqual(1)
      }),
      { numRuns: 300 },
    )
  })
})

describe('a table', () => {
  test('keeps every value, in chunks of 65536 rows', async () => {
    const path = join(fresh(), 'requests.parquet')
    const chunks = [requests(0, 70_000), requests(70_000, 1), requests(70_001, 66_000)]
    writeTable(path, tables.requests, chunks)
    const read = (await readTable(path, tables.requests)) as RequestChunk[]
    expect(read.map((chunk) => chunk.length)).toEqual([65_536, 65_536, 136_001 - 131_072])
    let next = 0
    for (const chunk of read) {
      expect(chunk.id.every((id) => id === next++)).toBe(true)
      expect(chunk.done.every((done, i) => done === chunk.id[i]! * 1e6 + 500_000)).toBe(true)
      expect(chunk.first.every(Number.isNaN)).toBe(true)
    }
  })

  test('of an older version lacks columns, of another tool has more: the ones known are read', async () => {
    const path = join(fresh(), 'requests.parquet')
    const columns = tables.requests.columns.filter(({ key }) => key !== 'engine')
    const other = {
      ...tables.requests,
      columns: [...columns, { key: 'later', name: 'later', kind: 'f64' as const, since: 1 }],
    }
    writeTable(path, other, [{ ...requests(0, 3), later: Float64Array.of(1, 2, 3) } as RequestChunk])
    const [chunk] = (await readTable(path, tables.requests)) as [RequestChunk]
    expect([...chunk.id]).toEqual([0, 1, 2])
    expect([...chunk.engine]).toEqual([Number.NaN, Number.NaN, Number.NaN])
  })

  test('of a later version is refused', async () => {
    const path = join(fresh(), 'requests.parquet')
    writeTable(path, { ...tables.requests, version: tables.requests.version + 1 }, [requests(0, 3)])
    await expect(readTable(path, tables.requests)).rejects.toThrow(failure('run-newer'))
  })
})
