// What a run folder holds: its document or manifest, and its rows from the tables or the journal.
import { TailwattError } from '../base/errors.ts'
import type { RunDocument } from '../run/document.ts'
import { isTooDeep } from '../run/json-depth.ts'
import type { Manifest } from '../run/manifest.ts'
import { parseManifest, parseRunDocument } from '../run/schema.ts'
import { soundRows } from '../run/sound-rows.ts'
import type { Measured } from '../run/source.ts'
import { noRows, tableNames, type AnyChunk, type TableRows } from '../run/table.ts'
import { upgradeDocument } from '../run/upgrade.ts'
import { tables } from './columns.ts'
import { entryKind, readEntry } from './door.ts'
import { readJournal, type JournalRows } from './journal.ts'
import { paths } from './layout.ts'
import { readEvents, readTable } from './parquet.ts'
import type { RunState } from './run-folder.ts'

/** Bytes of run.json: a host of 20 000 channels has 20 MB. */
const largestDocument = 64e6

interface ReadRun {
  /** Of a complete run the facts its document was made from. */
  readonly manifest: Manifest
  readonly document: RunDocument | undefined
}

export function readRun(folder: string): ReadRun {
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

export const withoutRows = (manifest: Manifest): Measured => ({
  manifest,
  ...noRows(),
  events: [],
})

/** What the journal holds; `undefined` when there is none. */
export function journalled(folder: string, manifest: Manifest): { measured: Measured; lostBytes: number } | undefined {
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

export async function readTables(folder: string, manifest: Manifest): Promise<Measured> {
  const files = paths(folder)
  try {
    const { events, unknown } = await readEvents(files.events)
    const rows: Record<string, readonly AnyChunk[]> = {}
    for (const name of tableNames) {
      const absent = tables[name].optional && entryKind(files[name]) === 'none'
      rows[name] = absent ? [] : await readTable(files[name], tables[name])
    }
    return soundRows({ manifest, ...(rows as unknown as TableRows), events }, unknown)
  } catch (error) {
    throw damagedRows(folder, error)
  }
}

function damagedRows(folder: string, error: unknown): TailwattError {
  if (error instanceof TailwattError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new TailwattError('run-damaged', { path: folder, message }, { cause: error })
}

export interface StoredRun {
  /** `dead` runs come back as `complete`: opening recovered them. */
  readonly state: Exclude<RunState, 'dead'>
  readonly document: RunDocument
  /** Why a dead run could not be finished on the disk: it was analysed in memory, and its folder is as it was. */
  readonly notStored?: TailwattError
  /** @throws TailwattError `run-damaged`, `run-newer`. */
  measured(): Promise<Measured>
}

export type Analyse = (measured: Measured) => RunDocument

export const completeRun = (folder: string, document: RunDocument, manifest: Manifest): StoredRun => ({
  state: 'complete',
  document,
  measured: () => readTables(folder, manifest),
})
