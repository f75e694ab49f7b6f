// Zoo models as files: built on first use into the user's cache folder, named by what they hold, so that a later version
// of a model never meets an old file. Never written into a project.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { TailwattError } from '../../base/errors.ts'
import { cacheFolder } from '../../host/cache-folder.ts'
import { makeFolders } from '../../host/folders.ts'
import { replaceFile, writeFully } from '../../host/regular-file.ts'
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
  try {
    const there = statSync(path, { throwIfNoEntry: false })
    if (there?.isFile() && there.size === part.length) return path
    makeFolders(folder)
    replaceFile(path, (fd) => writeModel(fd, part))
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new TailwattError('cannot-cache', { path, message }, { cause: error })
  }
  return path
}

function writeModel(fd: number, part: Part): void {
  const buffer = Buffer.allocUnsafe(1 << 20)
  let filled = 0
  const flush = (): void => {
    writeFully(fd, buffer.subarray(0, filled))
    filled = 0
  }
  writePart(part, (bytes) => {
    if (filled + bytes.length > buffer.length) flush()
    buffer.set(bytes, filled)
    filled += bytes.length
  })
  flush()
}
