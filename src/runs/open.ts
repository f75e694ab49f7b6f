// Opens a run: complete ones as they are, killed ones recovered from their journal, live ones analysed from what is on disk
// so far without touching a byte; and demo runs, which are on no disk, as if they had just been measured.
import { join } from 'node:path'
import { analyse } from '../analysis/analyse.ts'
import { TailwattError } from '../base/errors.ts'
import { demoNames, demoRun } from '../demo/demo-run.ts'
import { findRun, openStoredRun } from '../store/stored-runs.ts'
import type { RunState } from '../store/run-folder.ts'
import type { Measured } from '../run/source.ts'
import type { RunDocument } from '../run/document.ts'
import { withContext } from '../analysis/reanalysis.ts'
import { energyContextOf, type EnergyOptions } from '../carbon/energy-context.ts'
import { toolFacts } from '../host/tool.ts'

export interface OpenedRun {
  /** Of a demo run the one its report would go to; nothing of it is there. */
  readonly folder: string
  /** What opens it again: its folder, or `demo:h100`. */
  readonly reference: string
  /** `dead` runs come back as `complete`: opening recovered them. */
  readonly state: RunState
  readonly document: RunDocument
  /** Why a killed run was only analysed in memory: its folder cannot be written, and is as it was. */
  readonly notStored?: TailwattError
  measured(): Promise<Measured>
}

const demoPrefix = 'demo:'

/** With `energy` the document says what the energy means elsewhere; the run on disk stays as it is. */
export async function openRun(pathOrId: string, out: string, energy: EnergyOptions = {}): Promise<OpenedRun> {
  const given = energyContextOf(energy, 'show')
  const opened = await openAsStored(pathOrId, out)
  return Object.keys(given).length === 0 ? opened : { ...opened, document: withContext(opened.document, given) }
}

async function openAsStored(pathOrId: string, out: string): Promise<OpenedRun> {
  if (pathOrId.startsWith(demoPrefix)) return openDemo(pathOrId.slice(demoPrefix.length), out)
  const folder = findRun(pathOrId, out)
  return { folder, reference: folder, ...(await openStoredRun(folder, analyse)) }
}

function openDemo(name: string, out: string): OpenedRun {
  const run = demoRun(name, toolFacts())
  if (!run)
    throw new TailwattError('demo-unknown', {
      name: `${demoPrefix}${name}`,
      known: demoNames.map((known) => `${demoPrefix}${known}`).join(', '),
    })
  const { measured } = run
  return {
    folder: join(out, measured.manifest.name),
    reference: `${demoPrefix}${name}`,
    state: 'complete',
    document: analyse(measured),
    measured: async () => measured,
  }
}
