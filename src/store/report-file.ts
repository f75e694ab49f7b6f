// Where a report goes: into its run's folder through the same door as all else there, or to a path that the user named.
import { TailwattError } from '../base/errors.ts'
import { makeFolders } from '../host/folders.ts'
import { writeNamedFile } from '../host/regular-file.ts'
import { writeText } from './door.ts'
import { guarded } from './failure.ts'
import { paths } from './layout.ts'

/**
 * Writes a report, whole or not at all.
 * @param to a path of the user's own; left out: `report.html` in the run's folder, which is made if need be (a demo run has none).
 * @returns where it is.
 * @throws TailwattError `cannot-report`.
 */
export function storeReport(folder: string, html: string, to?: string): string {
  const path = to ?? paths(folder).report
  try {
    if (to !== undefined) guarded(path, () => writeNamedFile(path, Buffer.from(html)))
    else {
      guarded(folder, () => makeFolders(folder))
      writeText(path, html)
    }
  } catch (error) {
    if (!(error instanceof TailwattError) || error.code !== 'cannot-store') throw error
    throw new TailwattError('cannot-report', error.data, { cause: error })
  }
  return path
}
