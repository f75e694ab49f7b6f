// The one door to the files of a run folder, which others may have filled: whatever is there is read only if it is a regular
// file of a sane size, never through a link; whatever is written is a new file that takes its name in one step. No other file
// of `store/` opens, renames or removes by path.
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { TailwattError } from '../base/errors.ts'
import {
  createFile,
  NotReadable,
  openRegular,
  partEnding,
  pathKind,
  readRegular,
  replaceFile,
  writeFully,
  type OpenRegularFile,
  type PathKind,
} from '../host/regular-file.ts'
import { guarded } from './failure.ts'
import { names } from './layout.ts'

/** What has a name in a run folder. */
export const entryKind = (path: string): PathKind => pathKind(path)

/**
 * Opens a file of a run for reading.
 * @param most bytes; a larger one is refused.
 * @throws TailwattError `run-damaged` for what is no regular file or too large; the system's error as it is.
 */
export const openEntry = (path: string, most: number): OpenRegularFile => read(path, () => openRegular(path, { most }))

/** The text of a file of a run. @throws as {@link openEntry}. */
export const readEntry = (path: string, most: number): string =>
  read(path, () => readRegular(path, { most }).toString('utf8'))

function read<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (!(error instanceof NotReadable)) throw error
    const message = `${basename(path)} ${error.message}`
    throw new TailwattError('run-damaged', { path: dirname(path), message }, { cause: error })
  }
}

/** A new file to append to. @throws TailwattError `cannot-store`; nothing is overwritten. */
export const createEntry = (path: string): number => guarded(path, () => createFile(path))

/**
 * Replaces a file of a run in one step; its bytes and its name are on the disk afterwards.
 * @throws TailwattError `cannot-store`; then it is as it was.
 */
export function replaceEntry(path: string, fill: (fd: number) => void): void {
  guarded(path, () => {
    replaceFile(path, fill, true)
    syncFolder(dirname(path))
  })
}

/** @throws TailwattError `cannot-store`. */
export const writeText = (path: string, text: string): void =>
  replaceEntry(path, (fd) => writeFully(fd, Buffer.from(text)))

/** @throws TailwattError `cannot-store`. */
export const writeJson = (path: string, value: unknown): void => writeText(path, `${JSON.stringify(value, null, 1)}\n`)

/** Removes a name that is no folder, if it is there; what a link leads to stays. @throws the system's error. */
export function removeEntry(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

export const renameEntry = (from: string, to: string): void => renameSync(from, to)

/** Gives a file a second name. @throws the system's error, `EEXIST` where anything has it. */
export const linkEntry = (from: string, to: string): void => linkSync(from, to)

/** Sets the time of a file to now. */
export function touchEntry(path: string): void {
  const now = new Date()
  lutimesSync(path, now, now)
}

/** When a file was changed last, Unix ms; 0 where there is none. */
export function touchedAt(path: string): number {
  try {
    return lstatSync(path).mtimeMs
  } catch {
    return 0
  }
}

/** Names in a folder; none where it cannot be read. */
export function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    // No folder yet, or none that may be read: nothing either way.
    return []
  }
}

/** A run folder itself may be a link: its name is the user's. */
export function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}

export const createFolder = (path: string): void => mkdirSync(path)

/** Removes what a writer that was killed had not finished: only for the one who holds the lock. */
export function removeParts(folder: string): void {
  for (const entry of entriesOf(folder)) {
    const whole = entry.replace(partEnding, '')
    // Before the names were random they were `run.json.part`.
    if (whole === entry && !entry.endsWith('.part')) continue
    if (!isOurs(whole.replace(/\.part$/, '')) || pathKind(join(folder, entry)) !== 'file') continue
    removeEntry(join(folder, entry))
  }
}

/** Removes a run: the files that make it one, and the folder if nothing else is in it. Follows no link. */
export function removeRun(folder: string): void {
  removeParts(folder)
  for (const name of Object.values(names))
    if (pathKind(join(folder, name)) !== 'folder') removeEntry(join(folder, name))
  try {
    rmdirSync(folder)
  } catch (error) {
    // Somebody has put something else there: it stays.
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

/** Not the report: whoever writes that does not hold the lock. */
const isOurs = (name: string): boolean => name !== names.report && Object.values<string>(names).includes(name)

/** Makes names that were created, replaced or removed in a folder survive a power cut. */
export function syncFolder(folder: string): void {
  // Windows opens no folders; its file systems log such changes themselves.
  if (process.platform === 'win32') return
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
