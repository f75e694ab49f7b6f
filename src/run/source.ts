// Where the data of a run comes from. Implementations live in `store/` and `session/`; pure code sees only this.
import type { RunEvent } from './event.ts'
import type { Manifest } from './manifest.ts'
import type { TableRows } from './table.ts'

/** All that was measured, as analyses take it: facts in the manifest, observations in tables. */
export interface Measured extends TableRows {
  readonly manifest: Manifest
  readonly events: readonly RunEvent[]
}
