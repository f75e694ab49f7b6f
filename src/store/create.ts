// A run being measured, on disk: folder, lock, manifest, journal; and its end, when the journal becomes Parquet. Each step
// leaves enough behind for the next opening to finish it.
import { join } from 'node:path'
import { makeFolders } from '../host/folders.ts'
import type { Manifest } from '../run/manifest.ts'
import { ownId, ownRecording } from '../run/recording.ts'
import type { Measured } from '../run/source.ts'
import { soundRows } from '../run/sound-rows.ts'
import { createFolder, removeRun, syncFolder, writeJson } from './door.ts'
import { guarded } from './failure.ts'
import { finishRun, asRead } from './finish.ts'
import { Journal } from './journal.ts'
import { paths } from './layout.ts'
import { releaseLock, takeLock, touchLock } from './lock.ts'
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
    takeLock(folder, 'measure')
    writeJson(files.document, manifest)
    journal = new Journal(files.journal, () => touchLock(folder))
    guarded(folder, () => {
      syncFolder(folder)
      syncFolder(out)
    })
  } catch (error) {
    removeRun(folder)
    throw error
  }
  const recording = ownRecording(manifest)?.id ?? ownId
  let latest = manifest
  let finished = false
  const measured = (): Measured => {
    const { lostBytes: _, unknownFrames, ...rows } = journal.rows()
    return soundRows({ manifest: latest, ...rows }, unknownFrames)
  }
  return {
    folder,
    manifest: (next) => {
      // What is known does not depend on the disk.
      latest = next
      writeJson(files.document, next)
    },
    append: (table, chunk) => {
      chunk.recording.fill(recording)
      journal.append(table, chunk)
    },
    appendEvent: (event) => journal.event({ recording, ...event }),
    measured: async () => measured(),
    finish: async (document) => {
      const rows = measured()
      journal.close()
      finishRun(folder, rows, asRead(document, folder))
      finished = true
    },
    release: () => {
      if (finished) return
      try {
        journal.close()
      } finally {
        guarded(folder, () => releaseLock(folder))
      }
    },
    discard: () => {
      try {
        journal.close()
      } finally {
        guarded(folder, () => removeRun(folder))
      }
    },
  }
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
      createFolder(folder)
      return folder
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST' && attempt < 1000) continue
      guarded(folder, () => {
        throw error
      })
    }
  }
}
