// Which JSON is an event of a run: what each kind carries is checked when a stored event is read, since a right checksum says
// nothing of its sense.
import type { RunEvent } from './event.ts'
import { isTooDeep } from './json-depth.ts'
import { runSchema } from './schema.gen.ts'
import { readShape } from './shape.ts'

const kinds = runSchema.$defs.EventData.properties!

/** Whether parsed JSON is an event with all that its kind carries; keys we do not know are no fault. */
export function isEvent(value: unknown): value is RunEvent {
  if (typeof value !== 'object' || value === null) return false
  const { recording, t, kind, data } = value as Readonly<Record<string, unknown>>
  if (typeof recording !== 'number' || typeof t !== 'number' || !Number.isFinite(t)) return false
  if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind) || isTooDeep(data)) return false
  return readShape(kinds[kind]!, data, runSchema.$defs, 'data').ok
}
