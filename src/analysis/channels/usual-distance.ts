// How far the readings of a sensor usually lie apart. The burst in which sensors are learnt before the load is not usual: it
// may hold more readings than all the rest of a short run.
import { median } from '../../stats/quantile.ts'
import type { RunEvent } from '../../run/event.ts'
import { phaseWindow, type PhaseWindow } from '../phases.ts'

/**
 * @param t times in order, ns; what comes twice or goes back is passed over
 * @param burst when they were read faster; without two readings outside it all count
 * @returns median distance, ns; 0 where there are no two readings
 */
export function usualDistance(t: ArrayLike<number>, burst?: PhaseWindow): number {
  const all: number[] = []
  const usual: number[] = []
  for (let i = 1; i < t.length; i++) {
    const [from, to] = [t[i - 1]!, t[i]!]
    if (!(to > from)) continue
    all.push(to - from)
    if (burst === undefined || to <= burst.from || from >= burst.to) usual.push(to - from)
  }
  const counted = usual.length > 0 ? usual : all
  return counted.length === 0 ? 0 : median(counted)
}

/** The burst of a run. */
export function burstOf(events: readonly RunEvent[]): { readonly burst?: PhaseWindow } {
  const burst = phaseWindow(events, 'characterise')
  return burst ? { burst } : {}
}
