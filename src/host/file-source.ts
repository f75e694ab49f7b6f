// A file as random-access bytes that never come into memory whole: one window, moved where it is asked for.
import { closeSync } from 'node:fs'
import { TailwattError } from '../base/errors.ts'
import type { ByteSource } from '../run/ports.ts'
import { NotReadable, openRegular, readFully, type OpenRegularFile } from './regular-file.ts'

/** Least that is read at once. */
const windowBytes = 1 << 12

/** @throws TailwattError `file-not-found` when there is no such file, `usage` when it is none (a folder, a pipe) or cannot be read. */
export function openFileSource(path: string): ByteSource {
  const { fd, size } = opened(path)
  // One buffer, reused: thousands of seeks leave no garbage behind.
  let buffer = Buffer.allocUnsafeSlow(windowBytes)
  let from = 0
  let held = 0
  return {
    size,
    read: (offset, length) => {
      const end = Math.min(size, offset + length)
      if (offset < 0 || offset >= end) return buffer.subarray(0, 0)
      if (offset < from || end > from + held) {
        if (end - offset > buffer.length) buffer = Buffer.allocUnsafeSlow(end - offset)
        const wanted = Math.min(size - offset, Math.max(length, windowBytes))
        from = offset
        held = readFully(fd, buffer.subarray(0, wanted), offset)
      }
      return buffer.subarray(offset - from, Math.min(end - from, held))
    },
    close: () => closeSync(fd),
  }
}

function opened(path: string): OpenRegularFile {
  try {
    return openRegular(path, { most: Number.POSITIVE_INFINITY, followLinks: true })
  } catch (error) {
    if (error instanceof NotReadable)
      throw new TailwattError('usage', { message: `${path} ${error.message}`, verb: 'run' }, { cause: error })
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new TailwattError('file-not-found', { path }, { cause: error })
    throw new TailwattError('usage', { message: `${path} cannot be read (${code})`, verb: 'run' }, { cause: error })
  }
}
