// Opens documents of older versions: one upgrader a version (docs/format-changes.md), applied in order. Unknown keys stay.
import { TailwattError } from '../base/errors.ts'
import type { RunDocument } from './document.ts'
import type { Manifest } from './manifest.ts'

export const currentSchema = 'tailwatt.run/1'

/** `tailwatt.run/<n>` → what makes it version n + 1. There is one version so far. */
const upgraders: Readonly<Record<number, (document: Record<string, unknown>) => Record<string, unknown>>> = {}

/**
 * A manifest (of a run being measured) or a whole document, at the current version.
 * @throws TailwattError `run-newer`, `run-damaged`.
 */
export function upgradeDocument(value: unknown, path: string): Manifest | RunDocument {
  const damaged = (message: string): never => {
    throw new TailwattError('run-damaged', { path, message })
  }
  if (typeof value !== 'object' || value === null) return damaged('run.json holds no object')
  let document = value as Record<string, unknown>
  const match = /^tailwatt\.run\/(\d+)$/.exec(String(document['schema']))
  if (!match) return damaged('run.json names no schema')
  const current = Number(currentSchema.split('/')[1])
  let version = Number(match[1])
  if (version > current) throw new TailwattError('run-newer', { path, schema: String(document['schema']) })
  for (; version < current; version++) {
    const upgrade = upgraders[version]
    if (!upgrade) return damaged(`nothing upgrades version ${version}`)
    document = { ...upgrade(document), schema: `tailwatt.run/${version + 1}` }
  }
  for (const key of ['id', 'name', 'started_at', 'host', 'target', 'load', 'channels', 'recordings'])
    if (document[key] === undefined) return damaged(`run.json has no ${key}`)
  return document as unknown as Manifest | RunDocument
}
