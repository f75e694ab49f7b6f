// How this program opens files that others may have put there: regular files only, no larger than the caller allows, and
// no link followed unless the user named the path. New files appear whole: written under a name nobody can guess, then
// renamed.
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
  type Stats,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { formatPrefixed } from '../units/quantity.ts'

export type PathKind = 'none' | 'file' | 'link' | 'folder' | 'other'

/** What has this very name; a link is a link, wherever it leads. `none` also where the folder cannot be searched. */
export function pathKind(path: string): PathKind {
  const stat = statOf(path)
  if (!stat) return 'none'
  if (stat.isFile()) return 'file'
  return stat.isSymbolicLink() ? 'link' : stat.isDirectory() ? 'folder' : 'other'
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch {
    return undefined
  }
}

/** Something that is not read; `message` is a clause about it: "is a link, not a file". */
export class NotReadable extends Error {
  override readonly name = 'NotReadable'
}

export interface ReadRules {
  /** Bytes; a larger file is refused without reading it. */
  readonly most: number
  /** For paths the user typed: what a link leads to is read. */
  readonly followLinks?: boolean
}

export interface OpenRegularFile {
  readonly fd: number
  readonly size: number
}

/**
 * Opens a file for reading and never waits for a writer, as opening a pipe would.
 * @throws NotReadable, or the system's error (`code` is set).
 */
export function openRegular(path: string, rules: ReadRules): OpenRegularFile {
  // Looked at before it is opened: opening a device can already do something.
  inspect(rules.followLinks ? statSync(path) : lstatSync(path), rules)
  // Windows has neither flag; there the look before has to do.
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
  const fd = openSync(path, O_RDONLY | O_NONBLOCK | (rules.followLinks ? 0 : O_NOFOLLOW))
  try {
    const stat = fstatSync(fd)
    inspect(stat, rules)
    return { fd, size: stat.size }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function inspect(stat: Stats, { most }: ReadRules): void {
  if (stat.isSymbolicLink()) throw new NotReadable('is a link, not a file')
  if (stat.isDirectory()) throw new NotReadable('is a folder, not a file')
  if (!stat.isFile()) throw new NotReadable('is a pipe, a socket or a device, not a file')
  if (stat.size > most)
    throw new NotReadable(`has ${formatPrefixed(stat.size, 'B')}, more than the ${formatPrefixed(most, 'B')} allowed`)
}

/** The bytes of a file. @throws as {@link openRegular}. */
export function readRegular(path: string, rules: ReadRules): Buffer {
  const { fd, size } = openRegular(path, rules)
  try {
    const bytes = Buffer.allocUnsafe(size)
    return bytes.subarray(0, readFully(fd, bytes, 0))
  } finally {
    closeSync(fd)
  }
}

/** Fills `into` with what is at `from`; fewer bytes than asked for only at the file's end. */
export function readFully(fd: number, into: Uint8Array, from: number): number {
  let filled = 0
  while (filled < into.length) {
    const read = readSync(fd, into, filled, into.length - filled, from + filled)
    if (read === 0) break
    filled += read
  }
  return filled
}

export function writeFully(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at)
}

/** A new file, open for appending and for reading it back. @throws the system's error, `EEXIST` where anything has this name, a link included. */
export function createFile(path: string): number {
  const { O_RDWR, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants
  return openSync(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666)
}

/** How the names of unfinished files end: `run.json.0123456789ab.part`. */
export const partEnding: RegExp = /\.[0-9a-f]{12}\.part$/

/**
 * Puts a new file in the place of `path`, whatever has that name, in one step; a link is replaced, not followed. `durable`: its bytes
 * are on the disk before it takes the name.
 * @throws what `fill` throws, or the system's error; then `path` is as it was.
 */
export function replaceFile(path: string, fill: (fd: number) => void, durable = false): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.part`
  const fd = createFile(temporary)
  try {
    try {
      fill(fd)
      if (durable) fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, path)
  } catch (error) {
    removeQuietly(temporary)
    throw error
  }
}

/**
 * Writes to a path the user named, links followed: whole or not at all where that is a file or nothing yet, straight into
 * what is something else, such as `/dev/stdout`.
 * @throws the system's error.
 */
export function writeNamedFile(path: string, bytes: Uint8Array): void {
  // `/dev/stdout` may lead to a file that the shell has opened: its place must not be taken.
  const lent = /^\/(?:dev|proc)\//.test(resolve(path))
  const target = existsSync(path) ? realpathSync(path) : path
  if (lent || (existsSync(target) && !statSync(target).isFile())) writeFileSync(path, bytes)
  else replaceFile(target, (fd) => writeFully(fd, bytes))
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // What kept it from being written says more than what keeps it from being removed.
  }
}
