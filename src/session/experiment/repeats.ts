// `--repeats`: the same measurement several times, one group id, and what differs between the runs stored with the last.
import { randomBytes } from 'node:crypto'
import { betweenRuns } from '../../analysis/compare/between-runs.ts'
import type { RunDocument } from '../../run/document.ts'
import { storeDocument } from '../../store/finish.ts'
import { refusal } from '../../store/failure.ts'
import type { ProfileOptions, Run } from '../options.ts'
import { profile } from '../profile.ts'
import { rounds } from './rounds.ts'

/** @param repeats runs to make; stops early when one is interrupted or fails. */
export async function profileRepeatedly(options: ProfileOptions, repeats: number): Promise<Run> {
  const group = options.group ?? randomBytes(8).toString('hex')
  const results = await rounds(
    [options],
    (_, round) => profile(optionsOf({ ...options, group }, round, repeats)),
    (results) => ended(results.get(options)!, repeats),
  )
  const runs = results.get(options)!
  const run = runs.at(-1)!
  if (runs.length < 2) return run
  const document: RunDocument = { ...run.document, repeats: betweenRuns(runs.map((each) => each.document)) }
  const notStored = run.notStored ?? (await refusal(() => storeDocument(run.folder, document)))
  return { folder: run.folder, document, ...(notStored ? { notStored } : {}) }
}

/** Ceilings are measured once, where they are asked for, and found kept by the later runs; advice comes with the last. */
function optionsOf({ ceilings, ...rest }: ProfileOptions, round: number, repeats: number): ProfileOptions {
  const kept = ceilings === false || (ceilings === true && round === 0) ? { ceilings } : {}
  return { ...rest, ...kept, ...(round < repeats - 1 ? { advise: false } : {}) }
}

function ended(runs: readonly Run[], repeats: number): boolean {
  const last = runs.at(-1)
  if (last === undefined) return false
  return runs.length >= repeats || last.document.state !== 'complete' || last.notStored !== undefined
}
