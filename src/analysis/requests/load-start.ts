// The one zero of every time that is shown: when the load's first request was planned.
import type { Manifest } from '../../run/manifest.ts'
import { phaseCode } from '../../run/table.ts'
import type { Rows } from './rows.ts'
import { ownRecording } from '../../run/recording.ts'

/** ns since the epoch; where no request of the load was recorded, when the recording began. */
export function loadStart(rows: Rows, manifest: Pick<Manifest, 'recordings'>): number {
  const load = phaseCode('load')
  let first = Number.POSITIVE_INFINITY
  // Rows are in order of their planned times, but other phases may come before the load.
  rows.each((chunk, row) => {
    if (chunk.phase[row] === load) first = Math.min(first, chunk.scheduled[row]!)
  })
  return Number.isFinite(first) ? first : (ownRecording(manifest)?.from ?? 0)
}

/** When the first request that counts was planned, ns since the epoch; `undefined` when none does. */
export function measuredStart(rows: Rows, prefix: number): number | undefined {
  const load = phaseCode('load')
  let seen = 0
  let start: number | undefined
  rows.each((chunk, row) => {
    if (start === undefined && chunk.phase[row] === load && seen++ >= prefix) start = chunk.scheduled[row]!
  })
  return start
}
