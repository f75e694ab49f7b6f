// The real machine behind the `Host` interface. Reads; changes nothing and never asks for more rights than it has.
import { closeSync, existsSync, openSync, readFileSync, readSync, readdirSync, realpathSync } from 'node:fs'
import type { Host, OpenFile } from './host.ts'
import { loadNativeLibrary } from './library.ts'

export function realHost(): Host {
  return {
    platform: process.platform,
    arch: process.arch,
    readFile: (path) => attempt(() => readFileSync(path, 'utf8')),
    list: (path) => attempt(() => readdirSync(path).sort()) ?? [],
    exists: existsSync,
    resolve: (path) => attempt(() => realpathSync(path)),
    open: openForRereading,
    env: (name) => process.env[name],
    loadLibrary: loadNativeLibrary,
    now: () => Number(process.hrtime.bigint()),
    userId: () => process.getuid?.() ?? -1,
  }
}

// Absence and refusal are data here: the caller says what it means for it.
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function openForRereading(path: string): OpenFile {
  let fd = openSync(path, 'r')
  let buffer = Buffer.allocUnsafe(4096)
  const read = (): number => {
    let length = readSync(fd, buffer, 0, buffer.length, 0)
    while (length === buffer.length) {
      buffer = Buffer.allocUnsafe(buffer.length * 2)
      length = readSync(fd, buffer, 0, buffer.length, 0)
    }
    return length
  }
  return {
    text: () => {
      const length = read()
      return buffer.toString('latin1', 0, length).trim()
    },
    bytes: () => {
      const length = read()
      return buffer.subarray(0, length)
    },
    close: () => {
      // A number that was given back may be another file's.
      if (fd >= 0) closeSync(fd)
      fd = -1
    },
  }
}
