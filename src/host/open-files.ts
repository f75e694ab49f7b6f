// How many files this process may have open. Node raises its soft limit to the hard one when it starts, so the first is what counts.
// Imports nothing that is large: it must load where nearly no file may be opened.
import { readFileSync } from 'node:fs'
import { TailwattError } from '../base/errors.ts'

/** What any measurement takes: modules are many while they load, and sensors keep their files open (149 seen). */
export const leastOpenFiles = 176

/** `undefined` where the system does not say, or there is no limit. */
export function openFileLimit(limits: string | undefined = atStart): number | undefined {
  const soft = /^Max open files\s+(\d+)/m.exec(limits ?? '')?.[1]
  return soft === undefined ? undefined : Number(soft)
}

function readLimits(): string | undefined {
  try {
    return readFileSync('/proc/self/limits', 'latin1')
  } catch {
    // No Linux, or no file can be opened any more: the limit is not known then.
    return undefined
  }
}

/** Read while a file can still be opened: whoever runs out of them later has to name the limit. */
const atStart = readLimits()

/** @throws TailwattError `too-few-files` */
export function requireOpenFiles(needed: number = leastOpenFiles, limit: number | undefined = openFileLimit()): void {
  if (limit !== undefined && limit < needed) throw tooFewFiles(needed, limit)
}

export const tooFewFiles = (
  needed: number = leastOpenFiles,
  limit: number | undefined = openFileLimit(),
): TailwattError => new TailwattError('too-few-files', { limit: limit === undefined ? '' : ` (${limit})`, needed })

/** Whether an error says, in whatever words, that no more files may be opened. */
export const isOutOfFiles = (error: unknown): boolean =>
  error instanceof Error &&
  !(error instanceof TailwattError && error.code === 'too-few-files') &&
  /\bE[MN]FILE\b|too many open files/i.test(`${(error as NodeJS.ErrnoException).code} ${error.message}`)
