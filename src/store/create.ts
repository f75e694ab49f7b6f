// A run being measured, on disk: folder, lock, manifest, journal; and its end, when the journal becomes Parquet. Each step
// leaves enough behind for the next opening to finish it.
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolders } from '../host/folders.ts'
import type { RunDocument } from '../run/document.ts'
import type { Manifest } from '../run/manifest.ts'
import type { Measured } from '../run/ports.ts'
import { tables } from './columns.ts'
import { guarded } from './failure.ts'
import { Journal, readJournal } from './journal.ts'
import { paths, syncFolder, writeJson } from './layout.ts'
import { releaseLock, takeLock, touchLock } from './lock.ts'
import { writeEvents, writeTable } from './parquet.ts'
import type { RunWriter } from './run-folder.ts'

/**
 * A new run folder within `out` (made if need be), locked, with its manifest on the disk.
 * @throws TailwattError `cannot-store`; then no folder is left.
 */
export function createRun(out: string, manifest: Manifest): RunWriter {
  const folder = newFolder(out, manifest)
  const files = paths(folder)
  let journal: Journal
  try {
    takeLock(folder)
    writeJson(files.document, manifest)
    journal = new Journal(files.journal, () => touchLock(folder))
    guarded(folder, () => {
      syncFolder(folder)
      syncFolder(out)
    })
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  let latest = manifest
  const measured = (): Measured => {
    const { lostBytes: _, ...rows } = readJournal(files.journal)
    return { manifest: latest, ...rows }
  }
  return {
    folder,
    manifest: (next) => {
      writeJson(files.document, next)
      latest = next
    },
    appendRequests: (chunk) => journal.requests(chunk),
    appendBatches: (chunk) => journal.batches(chunk),
    appendSamples: (chunk) => journal.samples(chunk),
    appendEvent: (event) => journal.event(event),
    measured: async () => measured(),
    finish: async (document) => {
      journal.close()
      finishRun(folder, measured(), document)
    },
    release: () => {
      if (!existsSync(files.journal)) return
      try {
        journal.close()
      } finally {
        releaseLock(folder)
      }
    },
    discard: () => {
      try {
        journal.close()
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }
}

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
  writeTable(files.requests, tables.requests, measured.requests)
  if (measured.batches.length > 0) writeTable(files.batches, tables.batches, measured.batches)
  writeTable(files.samples, tables.samples, measured.samples)
  writeEvents(files.events, measured.events)
  writeJson(files.document, document)
  tidyRun(folder)
}

/** The last steps of a run whose document is stored. */
export function tidyRun(folder: string): void {
  guarded(folder, () => {
    rmSync(paths(folder).journal, { force: true })
    syncFolder(folder)
    releaseLock(folder)
  })
}

/** `<out>/<UTC time>-<name>`, with a number behind it when there is one already. */
function newFolder(out: string, manifest: Manifest): string {
  const time = manifest.started_at.slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
  const name = manifest.name
    .replace(/[^a-zA-Z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 48)
  guarded(out, () => makeFolders(out))
  for (let attempt = 1; ; attempt++) {
    const folder = join(out, `${time}-${name || 'run'}${attempt === 1 ? '' : `-${attempt}`}`)
    try {
      mkdirSync(folder)
      return folder
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST' && attempt < 1000) continue
      guarded(folder, () => {
        throw error
      })
    }
  }
}

/** Replaces the document of a finished run by one that says more. */
export const storeDocument = (folder: string, document: RunDocument): void =>
  writeJson(paths(folder).document, document)
