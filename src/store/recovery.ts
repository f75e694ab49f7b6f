// A run that was killed: what its journal and tables still hold becomes a complete run.
import { TailwattError } from '../base/errors.ts'
import type { RunDocument } from '../run/document.ts'
import type { RunEvent } from '../run/event.ts'
import type { Manifest, Unmeasured } from '../run/manifest.ts'
import { ownRecording } from '../run/recording.ts'
import type { Measured } from '../run/source.ts'
import { entryKind } from './door.ts'
import { guarded, refusal } from './failure.ts'
import { asRead, finishRun, tidyRun } from './finish.ts'
import { paths } from './layout.ts'
import { releaseLock, takeLock } from './lock.ts'
import { readRun, withoutRows, journalled, readTables, type StoredRun, type Analyse, completeRun } from './read-run.ts'

/**
 * Finishes a run whose writer is gone: analyses what its journal holds and stores it as any other. A run that says how it
 * ended keeps that; one that was cut off becomes `recovered`, covering the time its rows cover. Of several who do this at
 * the same moment one stores it, and all get the same document, byte for byte. Where it cannot be stored, it is left as it is.
 */
export async function recoverRun(folder: string, analyse: Analyse): Promise<StoredRun> {
  let ours = false
  const locked = await storing(folder, () => (ours = takeLock(folder, 'recover')))
  let tidy = false
  try {
    const found = await readDead(folder)
    if ('document' in found) {
      // Somebody stored it since the caller looked. What is left to tidy up can wait.
      if (ours) tidy = (await storing(folder, () => tidyRun(folder))) === undefined
      return completeRun(folder, found.document, found.manifest)
    }
    const measured = { ...found.measured, manifest: recovered(found.measured, found.lostBytes) }
    const document = asRead(analyse(measured), folder)
    const failure = ours ? await storing(folder, () => finishRun(folder, measured, document)) : locked
    tidy ||= failure === undefined
    // Two that take over a dead lock at the same moment may both have it; the document is the same.
    const stored = failure === undefined || readRun(folder).document !== undefined
    return { state: 'complete', document, ...(stored ? {} : { notStored: failure }), measured: async () => measured }
  } finally {
    if (ours && !tidy) await storing(folder, () => releaseLock(folder))
  }
}

/** What cannot be stored is no reason not to read. */
const storing = (folder: string, action: () => void): Promise<TailwattError | undefined> =>
  refusal(() => guarded(folder, action))

type Dead =
  | { readonly document: RunDocument; readonly manifest: Manifest }
  | { readonly measured: Measured; readonly lostBytes: number }

async function readDead(folder: string): Promise<Dead> {
  for (;;) {
    const { manifest, document } = readRun(folder)
    if (document) return { document, manifest }
    const rows = journalled(folder, manifest)
    if (rows) return rows
    // Whoever finishes it removes the journal once the document is there.
    if (readRun(folder).document) continue
    if (entryKind(paths(folder).requests) !== 'none')
      return { measured: await readTables(folder, manifest), lostBytes: 0 }
    // Killed between its manifest and its journal.
    if (manifest.state === 'running') return { measured: withoutRows(manifest), lostBytes: 0 }
    throw new TailwattError('run-damaged', { path: folder, message: 'it has neither tables nor a journal' })
  }
}

function recovered(measured: Measured, lostBytes: number): Manifest {
  const { manifest } = measured
  return {
    ...covering(measured),
    state: manifest.state === 'running' ? 'recovered' : manifest.state,
    unmeasured: lostBytes === 0 ? manifest.unmeasured : [...manifest.unmeasured, lostRows(lostBytes)],
  }
}

/** The facts of a run without an end yet, covering the time its rows cover. */
export function covering({ manifest, requests, events }: Measured): Manifest {
  const covered = coverage(requests, events)
  const own = ownRecording(manifest)
  const recordings = manifest.recordings.map((recording) =>
    recording === own && recording.to === 0 ? { ...recording, ...covered } : recording,
  )
  return { ...manifest, recordings }
}

/** From the first planned request to the last completion; without a request the moment at which the load began. */
function coverage(
  requests: Measured['requests'],
  events: Measured['events'],
): { readonly from: number; readonly to: number } | undefined {
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  for (const chunk of requests) {
    for (let i = 0; i < chunk.length; i++) {
      if (chunk.scheduled[i]! < from) from = chunk.scheduled[i]!
      if (chunk.done[i]! > to) to = chunk.done[i]!
    }
  }
  if (Number.isFinite(from)) return { from, to: Math.max(from, to) }
  const begun = events.find((event) => event.kind === 'phase' && (event as RunEvent<'phase'>).data.name === 'load')
  return begun && { from: begun.t, to: begun.t }
}

const lostRows = (bytes: number): Unmeasured => ({
  what: 'last rows',
  reason: `the last ${bytes} bytes of the journal are damaged or incomplete`,
  remedy: 'Measure again for a whole run.',
})
