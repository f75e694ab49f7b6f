// A run being measured, on disk: folder, lock, manifest, journal; and its end, when the journal becomes Parquet. Each step
// leaves enough behind for the next opening to finish it.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { RunDocument } from '../run/document.ts'
import type { Manifest } from '../run/manifest.ts'
import type { Measured } from '../run/ports.ts'
import { tables } from './columns.ts'
import { Journal, guarded, readJournal } from './journal.ts'
import { paths, writeJson } from './layout.ts'
import { releaseLock, takeLock } from './lock.ts'
import { writeEvents, writeTable } from './parquet.ts'
import type { RunWriter } from './run-folder.ts'

/** @throws TailwattError `cannot-store` when the folder cannot be made or written. */
export function createRun(out: string, manifest: Manifest): RunWriter {
  const folder = newFolder(out, manifest)
  takeLock(folder)
  const files = paths(folder)
  let latest = manifest
  writeJson(files.document, latest)
  const journal = new Journal(files.journal)
  const measured = (): Measured => ({ manifest: latest, ...readJournal(files.journal) })
  return {
    folder,
    manifest: (next) => {
      latest = next
      writeJson(files.document, next)
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
    discard: () => {
      journal.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Tables, then the document, then the journal goes, then the lock: a crash in between is finished by the next opening. */
export function finishRun(folder: string, measured: Measured, document: RunDocument): void {
  const files = paths(folder)
  writeTable(files.requests, tables.requests, measured.requests)
  if (measured.batches.length > 0) writeTable(files.batches, tables.batches, measured.batches)
  writeTable(files.samples, tables.samples, measured.samples)
  writeEvents(files.events, measured.events)
  writeJson(files.document, document)
  rmSync(files.journal, { force: true })
  releaseLock(folder)
}

/** `<out>/<UTC time>-<name>`, with a number behind it when there is one already. */
function newFolder(out: string, manifest: Manifest): string {
  const time = manifest.started_at.slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
  const name = manifest.name
    .replace(/[^a-zA-Z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 48)
  guarded(out, () => mkdirSync(out, { recursive: true }))
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
