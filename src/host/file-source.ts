// A file as random-access bytes that never come into memory whole: one window, moved where it is asked for.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { TailwattError } from '../base/errors.ts'
import type { ByteSource } from '../run/ports.ts'

/** Least that is read at once. */
const windowBytes = 1 << 12

/** @throws TailwattError `file-not-found` when there is no such file, `usage` when it is a folder or cannot be read. */
export function openFileSource(path: string): ByteSource {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new TailwattError('file-not-found', { path }, { cause: error })
    throw new TailwattError('usage', { message: `${path} cannot be read (${code})`, verb: 'run' }, { cause: error })
  }
  const stat = fstatSync(fd)
  if (!stat.isFile()) {
    closeSync(fd)
    throw new TailwattError('usage', { message: `${path} is a folder, not a model file`, verb: 'run' })
  }
  // One buffer, reused: thousands of seeks leave no garbage behind.
  let buffer = Buffer.allocUnsafeSlow(windowBytes)
  let from = 0
  let held = 0
  return {
    size: stat.size,
    read: (offset, length) => {
      const end = Math.min(stat.size, offset + length)
      if (offset < 0 || offset >= end) return buffer.subarray(0, 0)
      if (offset < from || end > from + held) {
        if (end - offset > buffer.length) buffer = Buffer.allocUnsafeSlow(end - offset)
        const wanted = Math.min(stat.size - offset, Math.max(length, windowBytes))
        from = offset
        held = 0
        while (held < wanted) {
          const read = readSync(fd, buffer, held, wanted - held, offset + held)
          if (read === 0) break
          held += read
        }
      }
      return buffer.subarray(offset - from, Math.min(end - from, held))
    },
    close: () => closeSync(fd),
  }
}
