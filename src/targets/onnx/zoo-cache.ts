// Zoo models as files: built on first use into the user's cache folder, named by what they hold, so that a later version
// of a model never meets an old file. Never written into a project.
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { TailwattError } from '../../base/errors.ts'
import { cacheFolder } from '../../host/cache-folder.ts'
import { makeFolders } from '../../host/folders.ts'
import { fingerprint, writePart, type Part } from '../../onnx/write.ts'
import { zooModel } from '../../zoo/catalog.ts'

/**
 * Path of the model's file; builds it when it is not there. Processes that build it at once do not disturb each other:
 * each writes a file of its own and renames it over the others' equal one.
 * @throws TailwattError `zoo-unknown`, or `cannot-cache` when the cache folder cannot be written.
 */
export async function ensureZooModel(name: string, folder: string = cacheFolder()): Promise<string> {
  const part = zooModel(name).build()
  const path = join(folder, `${name}-${fingerprint(part)}.onnx`)
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    if (statSync(path, { throwIfNoEntry: false })?.size === part.length) return path
    makeFolders(folder)
    writeFile(temporary, part)
    renameSync(temporary, path)
  } catch (error) {
    // Not `force`: that fails where the folder may not be looked into.
    if (existsSync(temporary)) rmSync(temporary)
    const message = error instanceof Error ? error.message : String(error)
    throw new TailwattError('cannot-cache', { path, message }, { cause: error })
  }
  return path
}

function writeFile(path: string, part: Part): void {
  const fd = openSync(path, 'wx')
  try {
    const buffer = Buffer.allocUnsafe(1 << 20)
    let filled = 0
    const flush = (): void => {
      for (let at = 0; at < filled;) at += writeSync(fd, buffer, at, filled - at)
      filled = 0
    }
    writePart(part, (bytes) => {
      if (filled + bytes.length > buffer.length) flush()
      buffer.set(bytes, filled)
      filled += bytes.length
    })
    flush()
  } finally {
    closeSync(fd)
  }
}
