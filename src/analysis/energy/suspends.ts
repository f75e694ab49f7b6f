// When the host was suspended: Linux counts that time in /proc/uptime and not on the monotonic clock. What a counter did
// across it nobody knows, so the interval counts as not covered.
import type { RunEvent } from '../../run/event.ts'

/** ns since the epoch. */
export interface Interval {
  readonly from: number
  readonly to: number
}

/** /proc/uptime has steps of 10 ms and the pair is read a second apart; a real suspend lasts longer than this, ns. */
const least = 1e9

export function suspends(events: readonly RunEvent[]): readonly Interval[] {
  const found: Interval[] = []
  let last: RunEvent<'clock'> | undefined
  for (const event of events) {
    if (event.kind !== 'clock') continue
    const now = event as RunEvent<'clock'>
    if (last && now.data.boot_ns - last.data.boot_ns - (now.t - last.t) > least) found.push({ from: last.t, to: now.t })
    last = now
  }
  return found
}

export const overlaps = (intervals: readonly Interval[], from: number, to: number): boolean =>
  intervals.some((interval) => interval.from < to && interval.to > from)
