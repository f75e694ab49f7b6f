// The end of a run on disk: the journal becomes tables, then the document is stored, then the journal goes.
import type { RunDocument } from '../run/document.ts'
import type { Measured } from '../run/source.ts'
import { parseRunDocument } from '../run/schema.ts'
import { tables } from './columns.ts'
import { removeEntry, removeParts, syncFolder, writeJson } from './door.ts'
import { guarded } from './failure.ts'
import { paths } from './layout.ts'
import { releaseLock } from './lock.ts'
import { writeEvents, writeTable } from './parquet.ts'

/**
 * A document as whoever reads it from the disk has it, so that all have the same one.
 * @throws TailwattError `run-damaged` when nobody could read it: then it must not take the journal's place.
 */
export const asRead = (document: RunDocument, folder: string): RunDocument =>
  parseRunDocument(JSON.parse(JSON.stringify(document)), folder)

/**
 * Tables, then the document, then the journal goes, then the lock. Each is on the disk before the next begins:
 *
 *   journal ─── tables ─── document ─── (journal gone) ─── (lock gone)
 *   └ a crash up to here: analysed again ┘└ from here: only tidied up
 *
 * @throws TailwattError `cannot-store`; the journal is still there then.
 */
export function finishRun(folder: string, measured: Measured, document: RunDocument): void {
  const files = paths(folder)
  for (const table of Object.values(tables)) {
    const rows = measured[table.name]
    if (rows.length > 0 || !table.optional) writeTable(files[table.name], table, rows)
  }
  writeEvents(files.events, measured.events)
  writeJson(files.document, document)
  tidyRun(folder)
}

/** The last steps of a run whose document is stored. */
export function tidyRun(folder: string): void {
  guarded(folder, () => {
    removeEntry(paths(folder).journal)
    removeParts(folder)
    syncFolder(folder)
    releaseLock(folder)
  })
}

/** Replaces the document of a finished run by one that says more. */
export const storeDocument = (folder: string, document: RunDocument): void =>
  writeJson(paths(folder).document, document)
