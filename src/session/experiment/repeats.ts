// `--repeats`: the same measurement several times, one group id, and what differs between the runs stored with the last.
import { randomBytes } from 'node:crypto'
import { betweenRuns } from '../../analysis/compare/between-runs.ts'
import type { RunDocument } from '../../run/document.ts'
import { storeDocument } from '../../store/finish.ts'
import { refusal } from '../../store/failure.ts'
import type { ProfileOptions, Run } from '../options.ts'
import { profile } from '../profile.ts'

/** @param repeats runs to make; stops early when one is interrupted or fails. */
export async function profileRepeatedly(options: ProfileOptions, repeats: number): Promise<Run> {
  const group = options.group ?? randomBytes(8).toString('hex')
  const documents: RunDocument[] = []
  for (let i = 1; ; i++) {
    const { ceilings, ...rest } = options
    // Measured once; the later runs find them kept.
    const first = i === 1 && ceilings !== undefined ? { ceilings } : ceilings === false ? { ceilings } : {}
    const run = await profile({ ...rest, ...first, group, ...(i < repeats ? { advise: false } : {}) })
    documents.push(run.document)
    const last = i === repeats || run.document.state !== 'complete' || run.notStored !== undefined
    if (!last) continue
    if (documents.length < 2) return run
    const document: RunDocument = { ...run.document, repeats: betweenRuns(documents) }
    const notStored = run.notStored ?? (await refusal(() => storeDocument(run.folder, document)))
    return { folder: run.folder, document, ...(notStored ? { notStored } : {}) }
  }
}
