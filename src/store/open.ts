// Stored runs: found by folder, id, a part of the id, or `latest`; read without disturbing a live one; finished when their
// writer was killed.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { TailwattError } from '../base/errors.ts'
import type { RunDocument } from '../run/document.ts'
import type { Manifest, Unmeasured } from '../run/manifest.ts'
import type { Measured } from '../run/ports.ts'
import { parseManifest, parseRunDocument } from '../run/schema.ts'
import type { BatchChunk, RequestChunk, SampleChunk } from '../run/table.ts'
import { upgradeDocument } from '../run/upgrade.ts'
import { tables } from './columns.ts'
import { finishRun, tidyRun } from './create.ts'
import { readJournal, type JournalRows } from './journal.ts'
import { paths } from './layout.ts'
import { lockState, releaseLock, takeLock } from './lock.ts'
import { readEvents, readTable } from './parquet.ts'
import type { RunListing, RunState } from './run-folder.ts'

export interface StoredRun {
  readonly state: RunState
  /** Of runs whose measurement was finished. */
  readonly document?: RunDocument
  /** @throws TailwattError `run-damaged`, `run-newer`. */
  measured(): Promise<Measured>
}

/**
 * The folder of a run named by its path, its run.json, its folder's name within `out`, its id, at least four characters
 * of the id, or `latest`.
 * @throws TailwattError `run-not-found`.
 */
export function findRun(pathOrId: string, out: string): string {
  if (basename(pathOrId) === 'run.json' && existsSync(pathOrId)) return dirname(pathOrId)
  const candidates = pathOrId === '' ? [] : [pathOrId, join(out, pathOrId)]
  for (const candidate of candidates) if (existsSync(paths(candidate).document)) return candidate
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

function entriesOf(out: string): readonly string[] {
  try {
    return readdirSync(out)
  } catch {
    // No folder yet, or none that may be read: no runs either way.
    return []
  }
}

function listing(folder: string): RunListing | undefined {
  try {
    if (!statSync(folder).isDirectory() || !existsSync(paths(folder).document)) return undefined
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
 * A stored run as it stands; changes nothing in its folder.
 * @throws TailwattError `run-damaged`, `run-newer`.
 */
export function openStoredRun(folder: string): StoredRun {
  const { manifest, document } = readRun(folder)
  const state = stateOf(folder, document)
  return {
    state,
    ...(document ? { document } : {}),
    measured: async () => (await readRows(folder, manifest)).measured,
  }
}

/**
 * Finishes a run whose writer is gone: analyses what its journal holds and stores it as any other. A run that says how it
 * ended keeps that; one that was cut off becomes `recovered`, covering the time its rows cover. Of several who do this at
 * the same moment one stores it, and all get the same document.
 * @throws TailwattError `cannot-store`, `run-damaged`, `run-newer`; what there was is still there then.
 */
export async function recoverRun(folder: string, analyse: (measured: Measured) => RunDocument): Promise<RunDocument> {
  const ours = takeLock(folder)
  try {
    // Read only now: somebody else may have recovered it since the caller looked.
    const { manifest, document } = readRun(folder)
    if (document) {
      if (ours) tidyRun(folder)
      return document
    }
    const { measured, lostBytes } = await readRows(folder, manifest)
    const complete = { ...measured, manifest: recovered(measured, lostBytes) }
    const analysed = analyse(complete)
    if (ours) finishRun(folder, complete, analysed)
    return analysed
  } catch (error) {
    if (ours) releaseLock(folder)
    throw error
  }
}

function recovered({ manifest, requests, events }: Measured, lostBytes: number): Manifest {
  const covered = coverage(requests, events)
  return {
    ...manifest,
    state: manifest.state === 'running' ? 'recovered' : manifest.state,
    recordings: manifest.recordings.map((recording) => (recording.to > 0 ? recording : { ...recording, ...covered })),
    unmeasured: lostBytes === 0 ? manifest.unmeasured : [...manifest.unmeasured, lostRows(lostBytes)],
  }
}

/** From the load's beginning, as its event says or else its first request, to the last completion. */
function coverage(
  requests: Measured['requests'],
  events: Measured['events'],
): { readonly from: number; readonly to: number } | undefined {
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  for (const event of events) if (event.kind === 'phase' && event.t < from) from = event.t
  for (const chunk of requests) {
    for (let i = 0; i < chunk.length; i++) {
      if (chunk.started[i]! < from) from = chunk.started[i]!
      if (chunk.done[i]! > to) to = chunk.done[i]!
    }
  }
  return Number.isFinite(from) ? { from, to: Math.max(from, to) } : undefined
}

const lostRows = (bytes: number): Unmeasured => ({
  what: 'last rows',
  reason: `the last ${bytes} bytes of the journal are damaged or incomplete`,
  remedy: 'Measure again for a whole run.',
})

/** Complete once the document is stored: whoever wrote it and still lives is only tidying up. */
function stateOf(folder: string, document: RunDocument | undefined): RunState {
  if (document && !existsSync(paths(folder).journal)) return 'complete'
  if (lockState(folder) !== 'live') return 'dead'
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
    return JSON.parse(readFileSync(paths(folder).document, 'utf8'))
  } catch (error) {
    const message = `run.json cannot be read: ${(error as Error).message}`
    throw new TailwattError('run-damaged', { path: folder, message }, { cause: error })
  }
}

interface ReadRows {
  readonly measured: Measured
  readonly lostBytes: number
}

/** From the journal as long as there is one, else from the tables. */
async function readRows(folder: string, manifest: Manifest): Promise<ReadRows> {
  const rows = journalRows(folder)
  if (rows) {
    const { lostBytes, ...tables } = rows
    return { measured: { manifest, ...tables }, lostBytes }
  }
  if (existsSync(paths(folder).requests)) return { measured: await readTables(folder, manifest), lostBytes: 0 }
  // Killed between its manifest and its journal.
  if (manifest.state === 'running')
    return { measured: { manifest, requests: [], batches: [], samples: [], events: [] }, lostBytes: 0 }
  throw new TailwattError('run-damaged', { path: folder, message: 'it has neither tables nor a journal' })
}

function journalRows(folder: string): JournalRows | undefined {
  const { journal } = paths(folder)
  try {
    return readJournal(journal)
  } catch (error) {
    // Its writer may remove it at any moment, once the tables are there.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw damagedRows(folder, error)
  }
}

async function readTables(folder: string, manifest: Manifest): Promise<Measured> {
  const files = paths(folder)
  try {
    return {
      manifest,
      requests: (await readTable(files.requests, tables.requests)) as RequestChunk[],
      batches: existsSync(files.batches) ? ((await readTable(files.batches, tables.batches)) as BatchChunk[]) : [],
      samples: (await readTable(files.samples, tables.samples)) as SampleChunk[],
      events: await readEvents(files.events),
    }
  } catch (error) {
    throw damagedRows(folder, error)
  }
}

function damagedRows(folder: string, error: unknown): TailwattError {
  if (error instanceof TailwattError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new TailwattError('run-damaged', { path: folder, message }, { cause: error })
}
