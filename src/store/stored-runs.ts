// Stored runs: found by folder, id, a part of the id, or `latest`; read without disturbing a live one; finished when their
// writer was killed.
import { basename, dirname, join } from 'node:path'
import { TailwattError } from '../base/errors.ts'
import type { RunDocument } from '../run/document.ts'
import type { Manifest, Unmeasured } from '../run/manifest.ts'
import type { Measured } from '../run/source.ts'
import { isTooDeep } from '../run/nesting.ts'
import { parseManifest, parseRunDocument } from '../run/schema.ts'
import { soundRows } from '../run/sound-rows.ts'
import type { BatchChunk, RequestChunk, SampleChunk } from '../run/table.ts'
import type { RunEvent } from '../run/event.ts'
import { upgradeDocument } from '../run/upgrade.ts'
import { tables } from './columns.ts'
import { asRead, finishRun, tidyRun } from './finish.ts'
import { entriesOf, entryKind, isFolder, readEntry } from './door.ts'
import { guarded, refusal } from './failure.ts'
import { readJournal, type JournalRows } from './journal.ts'
import { paths } from './layout.ts'
import { lockState, releaseLock, takeLock } from './lock.ts'
import { readEvents, readTable } from './parquet.ts'
import type { RunListing, RunState } from './run-folder.ts'

export interface StoredRun {
  /** `dead` runs come back as `complete`: opening recovered them. */
  readonly state: Exclude<RunState, 'dead'>
  readonly document: RunDocument
  /** Why a dead run could not be finished on the disk: it was analysed in memory, and its folder is as it was. */
  readonly notStored?: TailwattError
  /** @throws TailwattError `run-damaged`, `run-newer`. */
  measured(): Promise<Measured>
}

type Analyse = (measured: Measured) => RunDocument

/** Bytes of run.json: a host of 20 000 channels has 20 MB. */
const largestDocument = 64e6

/**
 * The folder of a run named by its path, its run.json, its folder's name within `out`, its id, at least four characters
 * of the id, or `latest`.
 * @throws TailwattError `run-not-found`.
 */
export function findRun(pathOrId: string, out: string): string {
  if (basename(pathOrId) === 'run.json' && entryKind(pathOrId) !== 'none') return dirname(pathOrId)
  const candidates = pathOrId === '' ? [] : [pathOrId, join(out, pathOrId)]
  for (const candidate of candidates) if (entryKind(paths(candidate).document) !== 'none') return candidate
  const runs = listRuns(out)
  if (pathOrId === 'latest' && runs[0]) return runs[0].folder
  const matching = runs.filter((run) => pathOrId.length >= 4 && run.id.startsWith(pathOrId.toLowerCase()))
  if (matching.length === 1) return matching[0]!.folder
  const path = matching.length > 1 ? `${pathOrId} alone: ${matching.length} ids begin so` : pathOrId || '""'
  throw new TailwattError('run-not-found', { path })
}

/** Runs of a folder, newest first; what is no run, or cannot be read, is left out. */
export function listRuns(out: string): readonly RunListing[] {
  return entriesOf(out)
    .flatMap((entry) => listing(join(out, entry)) ?? [])
    .sort((a, b) => compare(b.started_at, a.started_at) || compare(basename(b.folder), basename(a.folder)))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function listing(folder: string): RunListing | undefined {
  try {
    if (!isFolder(folder)) return undefined
    const { manifest, document } = readRun(folder)
    const { id, name, started_at } = manifest
    const state = stateOf(folder, document)
    return { id, folder, name, started_at, state, ...(document ? { document } : {}) }
  } catch {
    // A damaged run says so when it is opened; it must not hide the others.
    return undefined
  }
}

/**
 * A stored run: complete as it is; live analysed from what is on the disk so far, without changing anything; dead recovered.
 * @throws TailwattError `run-damaged`, `run-newer`.
 */
export async function openStoredRun(folder: string, analyse: Analyse): Promise<StoredRun> {
  for (;;) {
    const run = readRun(folder)
    const state = stateOf(folder, run.document)
    if (run.document && state === 'complete') return completeRun(folder, run.document, run.manifest)
    if (state === 'dead') return recoverRun(folder, analyse)
    const measured = journalled(folder, run.manifest)?.measured
    // Without a journal it has not begun, or its writer has just finished it.
    if (!measured && readRun(folder).document) continue
    const rows = measured ? { ...measured, manifest: covering(measured) } : withoutRows(run.manifest)
    return { state: 'live', document: analyse(rows), measured: async () => rows }
  }
}

const completeRun = (folder: string, document: RunDocument, manifest: Manifest): StoredRun => ({
  state: 'complete',
  document,
  measured: () => readTables(folder, manifest),
})

/**
 * Finishes a run whose writer is gone: analyses what its journal holds and stores it as any other. A run that says how it
 * ended keeps that; one that was cut off becomes `recovered`, covering the time its rows cover. Of several who do this at
 * the same moment one stores it, and all get the same document, byte for byte. Where it cannot be stored, it is left as it is.
 */
async function recoverRun(folder: string, analyse: Analyse): Promise<StoredRun> {
  let ours = false
  const locked = await storing(folder, () => (ours = takeLock(folder, 'recover')))
  let tidy = false
  try {
    const found = await readDead(folder)
    if ('document' in found) {
      // Somebody stored it since the caller looked. What is left to tidy up can wait.
      if (ours) tidy = (await storing(folder, () => tidyRun(folder))) === undefined
      return completeRun(folder, found.document, found.manifest)
    }
    const measured = { ...found.measured, manifest: recovered(found.measured, found.lostBytes) }
    const document = asRead(analyse(measured), folder)
    const failure = ours ? await storing(folder, () => finishRun(folder, measured, document)) : locked
    tidy ||= failure === undefined
    // Two that take over a dead lock at the same moment may both have it; the document is the same.
    const stored = failure === undefined || readRun(folder).document !== undefined
    return { state: 'complete', document, ...(stored ? {} : { notStored: failure }), measured: async () => measured }
  } finally {
    if (ours && !tidy) await storing(folder, () => releaseLock(folder))
  }
}

/** What cannot be stored is no reason not to read. */
const storing = (folder: string, action: () => void): Promise<TailwattError | undefined> =>
  refusal(() => guarded(folder, action))

type Dead =
  | { readonly document: RunDocument; readonly manifest: Manifest }
  | { readonly measured: Measured; readonly lostBytes: number }

async function readDead(folder: string): Promise<Dead> {
  for (;;) {
    const { manifest, document } = readRun(folder)
    if (document) return { document, manifest }
    const rows = journalled(folder, manifest)
    if (rows) return rows
    // Whoever finishes it removes the journal once the document is there.
    if (readRun(folder).document) continue
    if (entryKind(paths(folder).requests) !== 'none')
      return { measured: await readTables(folder, manifest), lostBytes: 0 }
    // Killed between its manifest and its journal.
    if (manifest.state === 'running') return { measured: withoutRows(manifest), lostBytes: 0 }
    throw new TailwattError('run-damaged', { path: folder, message: 'it has neither tables nor a journal' })
  }
}

function recovered(measured: Measured, lostBytes: number): Manifest {
  const { manifest } = measured
  return {
    ...covering(measured),
    state: manifest.state === 'running' ? 'recovered' : manifest.state,
    unmeasured: lostBytes === 0 ? manifest.unmeasured : [...manifest.unmeasured, lostRows(lostBytes)],
  }
}

/** The facts of a run without an end yet, covering the time its rows cover. */
function covering({ manifest, requests, events }: Measured): Manifest {
  const covered = coverage(requests, events)
  const recordings = manifest.recordings.map((recording) =>
    recording.to > 0 ? recording : { ...recording, ...covered },
  )
  return { ...manifest, recordings }
}

/** From the first planned request to the last completion; without a request the moment at which the load began. */
function coverage(
  requests: Measured['requests'],
  events: Measured['events'],
): { readonly from: number; readonly to: number } | undefined {
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  for (const chunk of requests) {
    for (let i = 0; i < chunk.length; i++) {
      if (chunk.scheduled[i]! < from) from = chunk.scheduled[i]!
      if (chunk.done[i]! > to) to = chunk.done[i]!
    }
  }
  if (Number.isFinite(from)) return { from, to: Math.max(from, to) }
  const begun = events.find((event) => event.kind === 'phase' && (event as RunEvent<'phase'>).data.name === 'load')
  return begun && { from: begun.t, to: begun.t }
}

const lostRows = (bytes: number): Unmeasured => ({
  what: 'last rows',
  reason: `the last ${bytes} bytes of the journal are damaged or incomplete`,
  remedy: 'Measure again for a whole run.',
})

/** Complete once the document is stored: whoever wrote it and still lives is only tidying up. */
function stateOf(folder: string, document: RunDocument | undefined): RunState {
  if (document && entryKind(paths(folder).journal) !== 'file') return 'complete'
  const lock = lockState(folder)
  // One that somebody recovers is dead until its document is there, and complete from then on.
  if (lock !== 'live') return document && lock === 'recovering' ? 'complete' : 'dead'
  return document ? 'complete' : 'live'
}

interface ReadRun {
  /** Of a complete run the facts its document was made from. */
  readonly manifest: Manifest
  readonly document: RunDocument | undefined
}

function readRun(folder: string): ReadRun {
  const upgraded = upgradeDocument(readJson(folder), folder)
  if (!('latency_ms' in upgraded)) return { manifest: parseManifest(upgraded, folder), document: undefined }
  const document = parseRunDocument(upgraded, folder)
  return { manifest: { ...document, sla: document.sla.map(({ rule }) => rule) }, document }
}

function readJson(folder: string): unknown {
  try {
    const document: unknown = JSON.parse(readEntry(paths(folder).document, largestDocument))
    if (isTooDeep(document)) throw new RangeError('it is nested too deeply')
    return document
  } catch (error) {
    if (error instanceof TailwattError) throw error
    const message = `run.json cannot be read: ${(error as Error).message}`
    throw new TailwattError('run-damaged', { path: folder, message }, { cause: error })
  }
}

const withoutRows = (manifest: Manifest): Measured => ({ manifest, requests: [], batches: [], samples: [], events: [] })

/** What the journal holds; `undefined` when there is none. */
function journalled(folder: string, manifest: Manifest): { measured: Measured; lostBytes: number } | undefined {
  const rows = journalRows(folder)
  if (!rows) return undefined
  const { lostBytes, unknownFrames, ...tables } = rows
  return { measured: soundRows({ manifest, ...tables }, unknownFrames), lostBytes }
}

function journalRows(folder: string): JournalRows | undefined {
  try {
    return readJournal(paths(folder).journal)
  } catch (error) {
    // Its writer may remove it at any moment, once the tables are there.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw damagedRows(folder, error)
  }
}

async function readTables(folder: string, manifest: Manifest): Promise<Measured> {
  const files = paths(folder)
  try {
    const { events, unknown } = await readEvents(files.events)
    const rows = {
      requests: (await readTable(files.requests, tables.requests)) as RequestChunk[],
      batches:
        entryKind(files.batches) === 'none' ? [] : ((await readTable(files.batches, tables.batches)) as BatchChunk[]),
      samples: (await readTable(files.samples, tables.samples)) as SampleChunk[],
    }
    return soundRows({ manifest, ...rows, events }, unknown)
  } catch (error) {
    throw damagedRows(folder, error)
  }
}

function damagedRows(folder: string, error: unknown): TailwattError {
  if (error instanceof TailwattError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new TailwattError('run-damaged', { path: folder, message }, { cause: error })
}
