// Opens a stored run: complete ones as they are, killed ones recovered from their journal, live ones analysed from what
// is on disk so far without touching a byte.
import { analyse } from '../analysis/analyse.ts'
import { findRun, openStoredRun, recoverRun } from '../store/open.ts'
import type { RunState } from '../store/run-folder.ts'
import type { Measured } from '../run/ports.ts'
import type { RunDocument } from '../run/document.ts'
import { withContext } from '../analysis/reanalysis.ts'
import { energyContextOf } from './energy-context.ts'
import type { EnergyOptions } from './options.ts'

export interface OpenedRun {
  readonly folder: string
  /** `dead` runs come back as `complete`: opening recovered them. */
  readonly state: RunState
  readonly document: RunDocument
  measured(): Promise<Measured>
}

/** With `energy` the document says what the energy means elsewhere; the run on disk stays as it is. */
export async function openRun(pathOrId: string, out: string, energy: EnergyOptions = {}): Promise<OpenedRun> {
  const given = energyContextOf(energy, 'show')
  const opened = await openAsStored(pathOrId, out)
  return Object.keys(given).length === 0 ? opened : { ...opened, document: withContext(opened.document, given) }
}

async function openAsStored(pathOrId: string, out: string): Promise<OpenedRun> {
  const folder = findRun(pathOrId, out)
  const stored = openStoredRun(folder)
  if (stored.state === 'complete' && stored.document) {
    return { folder, state: 'complete', document: stored.document, measured: () => stored.measured() }
  }
  if (stored.state === 'live') {
    const measured = await stored.measured()
    return { folder, state: 'live', document: analyse(measured), measured: async () => measured }
  }
  const document = await recoverRun(folder, analyse)
  const recovered = openStoredRun(folder)
  return { folder, state: 'complete', document, measured: () => recovered.measured() }
}
