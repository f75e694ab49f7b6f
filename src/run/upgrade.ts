// Brings run.json of an older version to the current one: one upgrader a version (docs/format-changes.md), applied in
// order. Unknown keys stay. Does not check what the keys hold: that is `schema.ts`.
import { TailwattError } from '../base/errors.ts'
import { upgrade1To2 } from './upgrade-1-to-2.ts'
import type { Json } from './upgrade-1-to-2/json.ts'

export const currentSchema = 'tailwatt.run/2'

type Upgrader = (document: Json) => Json

/** `upgraders[n]` makes version n + 1 of version n. */
const upgraders: Readonly<Record<number, Upgrader>> = { 1: upgrade1To2 }

/**
 * run.json, a manifest or a whole document, at the current version.
 * @param path of the run, for the error.
 * @throws TailwattError `run-newer`, `run-damaged`.
 */
export function upgradeDocument(value: unknown, path: string): Json {
  return upgradeThrough(upgraders, value, path, Number(currentSchema.split('/')[1]))
}

/** {@link upgradeDocument} through any table of upgraders, so that several versions can be tested. */
export function upgradeThrough(
  steps: Readonly<Record<number, Upgrader>>,
  value: unknown,
  path: string,
  current: number,
): Json {
  const damaged = (message: string): never => {
    throw new TailwattError('run-damaged', { path, message })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return damaged('run.json holds no object')
  let document = value as Json
  const { schema } = document
  const match = typeof schema === 'string' ? /^tailwatt\.run\/([1-9]\d*)$/.exec(schema) : null
  if (!match) return damaged('run.json names no schema')
  let version = Number(match[1])
  if (version > current) throw new TailwattError('run-newer', { path, schema: match[0] })
  for (; version < current; version++) {
    const upgrade = steps[version]
    if (!upgrade) return damaged(`nothing upgrades version ${version}`)
    document = { ...upgrade(document), schema: `tailwatt.run/${version + 1}` }
  }
  return document
}
