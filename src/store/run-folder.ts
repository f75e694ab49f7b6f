// The run folder as the rest of the program sees it. `store/` is the only code that knows paths within it.
import type { Manifest } from '../run/manifest.ts'
import type { Measured } from '../run/source.ts'
import type { RunDocument } from '../run/document.ts'
import type { Chunks } from '../run/table.ts'
import type { Occurrence } from '../run/event.ts'

/**
 * A run being measured. Rows reach the disk (journal, fsync at least once a second) before `append` returns to idle; the writer
 * puts the number of the run's own recording into each.
 */
export interface RunWriter {
  readonly folder: string
  /** Rewrites `run.json` atomically (temporary file + rename). */
  manifest(manifest: Manifest): void
  append<T extends keyof Chunks>(table: T, chunk: Chunks[T]): void
  appendEvent(event: Occurrence): void
  /** Everything appended so far, read back from the journal. */
  measured(): Promise<Measured>
  /** Writes the Parquet tables and `run.json`, then removes the journal and the lock. */
  finish(document: RunDocument): Promise<void>
  /** Stops writing and leaves what is there to the next opening, which recovers it. Nothing after `finish`. */
  release(): void
  /** Removes the folder of a run in which nothing was measured. */
  discard(): void
}

/** Where a run stands. A `dead` run was killed: it is recovered on opening. */
export type RunState = 'complete' | 'live' | 'dead'

export interface RunListing {
  readonly id: string
  readonly folder: string
  readonly name: string
  readonly started_at: string
  readonly state: RunState
  readonly document?: RunDocument
}
