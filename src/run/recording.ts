// Whose rows are whose: each row of a table names the recording it belongs to. What tailwatt measures it records itself; other
// recordings are imported.
import type { Manifest, RecordingFacts } from './manifest.ts'

/** The recording that a measurement makes. */
export const ownId = 0

/** What made the recordings of tailwatt itself. */
const own: ReadonlySet<string> = new Set(['tailwatt', 'synthetic'])

export const ownRecording = ({ recordings }: Pick<Manifest, 'recordings'>): RecordingFacts | undefined =>
  recordings.find(({ source }) => own.has(source))
