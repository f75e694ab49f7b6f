// A file as random-access bytes that never come into memory whole: one window, moved where it is asked for.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { TailwattError } from '../base/errors.ts'
import type { ByteSource } from '../run/ports.ts'

const windowBytes = 1 << 16

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
  let window = Buffer.alloc(0)
  let from = 0
  return {
    size: stat.size,
    read: (offset, length) => {
      const end = Math.min(stat.size, offset + length)
      if (offset >= end) return window.subarray(0, 0)
      if (offset < from || end > from + window.length) {
        const wanted = Math.min(stat.size - offset, Math.max(length, windowBytes))
        const bytes = Buffer.allocUnsafe(wanted)
        let filled = 0
        while (filled < wanted) {
          const read = readSync(fd, bytes, filled, wanted - filled, offset + filled)
          if (read === 0) break
          filled += read
        }
        window = bytes.subarray(0, filled)
        from = offset
      }
      return window.subarray(offset - from, end - from)
    },
    close: () => closeSync(fd),
  }
}
