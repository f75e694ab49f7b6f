// Names within a run folder, and how its files are replaced: never half written, and on the disk before the next step.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { guarded } from './failure.ts'

export const paths = (
  folder: string,
): Readonly<Record<'document' | 'journal' | 'lock' | 'requests' | 'batches' | 'samples' | 'events', string>> => ({
  document: join(folder, 'run.json'),
  journal: join(folder, 'journal.bin'),
  lock: join(folder, 'lock'),
  requests: join(folder, 'requests.parquet'),
  batches: join(folder, 'batches.parquet'),
  samples: join(folder, 'samples.parquet'),
  events: join(folder, 'events.parquet'),
})

/**
 * Replaces `path` in one step: `fill` writes a temporary file beside it, which takes its name once it is on the disk.
 * @throws TailwattError `cannot-store`; then `path` is as it was.
 */
export function replaceFile(path: string, fill: (temporary: string) => void): void {
  const temporary = `${path}.part`
  guarded(path, () => {
    try {
      fill(temporary)
      sync(temporary, 'r+')
      renameSync(temporary, path)
    } catch (error) {
      discard(temporary)
      throw error
    }
    syncFolder(dirname(path))
  })
}

function discard(temporary: string): void {
  try {
    rmSync(temporary, { force: true })
  } catch {
    // What kept it from being written says more than what keeps it from being removed.
  }
}

/** @throws TailwattError `cannot-store`. */
export const writeJson = (path: string, value: unknown): void =>
  replaceFile(path, (temporary) => writeFileSync(temporary, `${JSON.stringify(value, null, 1)}\n`))

/** Makes names that were created, replaced or removed in a folder survive a power cut. */
export function syncFolder(folder: string): void {
  // Windows opens no folders; its file systems log such changes themselves.
  if (process.platform !== 'win32') sync(folder, 'r')
}

function sync(path: string, flags: string): void {
  const fd = openSync(path, flags)
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
