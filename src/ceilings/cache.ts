// Measured ceilings in the user's cache folder, one file a host as it can be told apart: processor, cores, quota, engine.
// What cannot be read is as good as not there; what cannot be written is said and no more.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fail, ok, type Result } from '../base/result.ts'
import { cacheFolder } from '../host/cache-folder.ts'
import { makeFolders } from '../host/folders.ts'
import { readRegular, replaceFile, writeFully } from '../host/regular-file.ts'
import type { HostCeilings } from '../run/manifest.ts'
import { parseCeilings } from '../run/schema.ts'

/** Any difference makes another host of it. */
export interface CeilingKey {
  readonly cpu: string
  readonly threads: number
  readonly cores: number | null
  readonly quota: number | null
  /** Version of the engine; null where it is not installed. */
  readonly engine: string | null
  readonly node: string
}

/** Changes whenever the probes would measure something else. */
const format = 'tailwatt.ceilings/1'
/** Bytes; ours have 5000. */
const largest = 1e6

const pathOf = (key: CeilingKey, folder: string): string =>
  join(folder, 'ceilings', `${createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 16)}.json`)

export function storedCeilings(key: CeilingKey, folder: string = cacheFolder()): HostCeilings | undefined {
  let kept: { readonly format?: unknown; readonly key?: unknown; readonly ceilings?: unknown } | null
  try {
    kept = JSON.parse(readRegular(pathOf(key, folder), { most: largest }).toString('utf8')) as typeof kept
  } catch {
    // Not there, no file, not readable or not JSON: to be measured again.
    return undefined
  }
  if (kept?.format !== format || JSON.stringify(kept.key) !== JSON.stringify(key)) return undefined
  const ceilings = parseCeilings(kept.ceilings)
  const positive = [
    ...(ceilings?.compute ?? []).map((c) => c.flops_per_s),
    ...(ceilings?.bandwidth ?? []).map((c) => c.bytes_per_s),
  ]
  return positive.every(({ value }) => value !== null && value > 0) ? ceilings : undefined
}

/** Its path; the error is a sentence. */
export function storeCeilings(
  key: CeilingKey,
  ceilings: HostCeilings,
  folder: string = cacheFolder(),
): Result<string, string> {
  const path = pathOf(key, folder)
  try {
    makeFolders(join(folder, 'ceilings'))
    const bytes = Buffer.from(`${JSON.stringify({ format, key, ceilings }, null, 2)}\n`)
    replaceFile(path, (fd) => writeFully(fd, bytes))
    return ok(path)
  } catch (error) {
    return fail(`the ceilings cannot be kept in ${path}: ${(error as Error).message}`)
  }
}
