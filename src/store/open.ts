// Stored runs: found by folder, id, a part of the id, or `latest`; read without disturbing a live one; finished when their
// writer was killed.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { TailwattError } from '../base/errors.ts'
import type { RunDocument } from '../run/document.ts'
import type { Manifest } from '../run/manifest.ts'
import type { Measured } from '../run/ports.ts'
import type { BatchChunk, RequestChunk, SampleChunk } from '../run/table.ts'
import { upgradeDocument } from '../run/upgrade.ts'
import { tables } from './columns.ts'
import { finishRun } from './create.ts'
import { readJournal } from './journal.ts'
import { paths } from './layout.ts'
import { lockState, takeLock } from './lock.ts'
import { readEvents, readTable } from './parquet.ts'
import type { RunListing, RunState } from './run-folder.ts'

export interface StoredRun {
  readonly state: RunState
  /** Of complete runs. */
  readonly document?: RunDocument
  measured(): Promise<Measured>
}

/** @throws TailwattError `run-not-found`. */
export function findRun(pathOrId: string, out: string): string {
  for (const candidate of [pathOrId, join(out, pathOrId)]) if (existsSync(paths(candidate).document)) return candidate
  const runs = listRuns(out)
  if (pathOrId === 'latest' && runs[0]) return runs[0].folder
  const matching = runs.filter((run) => pathOrId.length >= 4 && run.id.startsWith(pathOrId))
  if (matching.length === 1) return matching[0]!.folder
  throw new TailwattError('run-not-found', { path: matching.length > 1 ? `${pathOrId} (several begin so)` : pathOrId })
}

/** Runs of a folder, newest first; what is no run, or cannot be read, is left out. */
export function listRuns(out: string): readonly RunListing[] {
  if (!existsSync(out)) return []
  const listings = readdirSync(out).flatMap((entry): RunListing[] => {
    const folder = join(out, entry)
    try {
      if (!statSync(folder).isDirectory() || !existsSync(paths(folder).document)) return []
      const stored = readDocument(folder)
      const state = stateOf(folder, stored)
      return [
        {
          id: stored.id,
          folder,
          name: stored.name,
          started_at: stored.started_at,
          state,
          ...(isDocument(stored) ? { document: stored } : {}),
        },
      ]
    } catch {
      // A damaged run says so when it is opened; it must not hide the others.
      return []
    }
  })
  return listings.sort(
    (a, b) => b.started_at.localeCompare(a.started_at) || basename(b.folder).localeCompare(basename(a.folder)),
  )
}

/** @throws TailwattError `run-damaged`, `run-newer`. */
export function openStoredRun(folder: string): StoredRun {
  const stored = readDocument(folder)
  const state = stateOf(folder, stored)
  return {
    state,
    ...(isDocument(stored) ? { document: stored } : {}),
    measured: () =>
      state === 'complete' ? readTables(folder, manifestOf(stored)) : readLive(folder, manifestOf(stored)),
  }
}

/**
 * Finishes a run whose writer is gone: analyses what its journal holds and stores it as any other.
 * @throws TailwattError `cannot-store`, `run-live`.
 */
export async function recoverRun(folder: string, analyse: (measured: Measured) => RunDocument): Promise<RunDocument> {
  if (lockState(folder) === 'live') throw new TailwattError('run-live', { path: folder })
  takeLock(folder)
  const read = await readLive(folder, manifestOf(readDocument(folder)))
  const measured = { ...read, manifest: recovered(read) }
  const document = analyse(measured)
  finishRun(folder, measured, document)
  return document
}

// A manifest that already says how the run ended keeps it; one that says "running" was cut off.
function recovered({ manifest, requests, events }: Measured): Manifest {
  let from = Number.POSITIVE_INFINITY
  let to = 0
  for (const event of events) if (event.kind === 'phase' && event.t < from) from = event.t
  for (const chunk of requests) {
    for (let i = 0; i < chunk.length; i++) {
      if (chunk.started[i]! < from) from = chunk.started[i]!
      if (chunk.done[i]! > to) to = chunk.done[i]!
    }
  }
  const covered = Number.isFinite(from) ? { from, to: Math.max(from, to) } : {}
  return {
    ...manifest,
    state: manifest.state === 'running' ? 'recovered' : manifest.state,
    recordings: manifest.recordings.map((recording) => (recording.to > 0 ? recording : { ...recording, ...covered })),
  }
}

const isDocument = (value: Manifest | RunDocument): value is RunDocument => 'latency_ms' in value

/** The facts a document was made from: its rules are texts again. */
const manifestOf = (stored: Manifest | RunDocument): Manifest =>
  isDocument(stored) ? { ...stored, sla: stored.sla.map((result) => result.rule) } : stored

function stateOf(folder: string, stored: Manifest | RunDocument): RunState {
  if (isDocument(stored) && !existsSync(paths(folder).journal)) return 'complete'
  return lockState(folder) === 'live' ? 'live' : 'dead'
}

function readDocument(folder: string): Manifest | RunDocument {
  const path = paths(folder).document
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new TailwattError('run-damaged', {
      path: folder,
      message: `run.json cannot be read: ${(error as Error).message}`,
    })
  }
  return upgradeDocument(value, folder)
}

async function readLive(folder: string, manifest: Manifest): Promise<Measured> {
  const { journal } = paths(folder)
  if (existsSync(journal)) return { manifest, ...readJournal(journal) }
  // Killed before its first row, or after its tables were written.
  if (existsSync(paths(folder).requests)) return readTables(folder, manifest)
  return { manifest, requests: [], batches: [], samples: [], events: [] }
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
    throw new TailwattError('run-damaged', { path: folder, message: (error as Error).message }, { cause: error })
  }
}
