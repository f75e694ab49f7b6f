// Stored runs: found by folder, id, a part of the id, or `latest`; read without disturbing a live one; finished when their
// writer was killed.
import { basename, dirname, join } from 'node:path'
import { TailwattError } from '../base/errors.ts'
import type { RunDocument } from '../run/document.ts'
import { entriesOf, entryKind, isFolder } from './door.ts'
import { paths } from './layout.ts'
import { lockState } from './lock.ts'
import { readRun, withoutRows, journalled, type StoredRun, type Analyse, completeRun } from './read-run.ts'
import { recoverRun, covering } from './recovery.ts'
import type { RunListing, RunState } from './run-folder.ts'

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

/** Complete once the document is stored: whoever wrote it and still lives is only tidying up. */
function stateOf(folder: string, document: RunDocument | undefined): RunState {
  if (document && entryKind(paths(folder).journal) !== 'file') return 'complete'
  const lock = lockState(folder)
  // One that somebody recovers is dead until its document is there, and complete from then on.
  if (lock !== 'live') return document && lock === 'recovering' ? 'complete' : 'dead'
  return document ? 'complete' : 'live'
}
