// Names within a run folder, and how `run.json` is replaced: never half written.
import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { guarded } from './journal.ts'

export const paths = (
  folder: string,
): Readonly<Record<'document' | 'journal' | 'requests' | 'batches' | 'samples' | 'events', string>> => ({
  document: join(folder, 'run.json'),
  journal: join(folder, 'journal.bin'),
  requests: join(folder, 'requests.parquet'),
  batches: join(folder, 'batches.parquet'),
  samples: join(folder, 'samples.parquet'),
  events: join(folder, 'events.parquet'),
})

export function writeJson(path: string, value: unknown): void {
  const temporary = `${path}.part`
  guarded(path, () => {
    const fd = openSync(temporary, 'w')
    try {
      writeFileSync(fd, `${JSON.stringify(value, null, 1)}\n`)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, path)
  })
}
