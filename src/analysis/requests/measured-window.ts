// The measured window: from the first start to the last completion of what counts, after the warm-up that was cut.
import { phaseCode } from '../../run/table.ts'
import type { Rows } from './rows.ts'

export interface MeasuredWindow {
  /** First start and last completion of the successful requests after the prefix, ns since the epoch. */
  readonly from: number
  readonly to: number
  readonly requests: number
  /** Samples of batches. */
  readonly inferences: number
  readonly sizes: Readonly<Record<string, number>>
  /** ns between one answer and the next, at most: over how long the load repeats itself. */
  readonly longestGap: number
}

/** @param prefix requests of the load, in send order, to leave out */
export function measuredWindow(rows: Rows, prefix: number): MeasuredWindow {
  const load = phaseCode('load')
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  let requests = 0
  let inferences = 0
  let seen = 0
  let longestGap = 0
  const sizes: Record<string, number> = {}
  rows.each((chunk, row) => {
    if (chunk.phase[row] !== load || seen++ < prefix || chunk.status[row] !== 0) return
    from = Math.min(from, chunk.started[row]!)
    const done = chunk.done[row]!
    longestGap = Math.max(longestGap, done - (to === Number.NEGATIVE_INFINITY ? from : to))
    to = Math.max(to, done)
    const size = chunk.batch[row]!
    requests++
    inferences += size
    sizes[size] = (sizes[size] ?? 0) + 1
  })
  const window = requests === 0 ? { from: 0, to: 0 } : { from, to }
  return { ...window, requests, inferences, sizes, longestGap }
}
