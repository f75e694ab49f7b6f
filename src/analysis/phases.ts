// When a phase of the measurement began and ended: idle-before, characterise, load, idle-after.
import type { RunEvent } from '../run/event.ts'

/** ns since the epoch. */
export interface PhaseWindow {
  readonly from: number
  readonly to: number
}

/** `undefined` where the phase was not, or never ended. */
export function phaseWindow(events: readonly RunEvent[], name: string): PhaseWindow | undefined {
  const edge = (which: 'begin' | 'end'): number | undefined =>
    events.find(
      (event) =>
        event.kind === 'phase' &&
        (event as RunEvent<'phase'>).data.name === name &&
        (event as RunEvent<'phase'>).data.edge === which,
    )?.t
  const from = edge('begin')
  const to = edge('end')
  return from === undefined || to === undefined || to <= from ? undefined : { from, to }
}
