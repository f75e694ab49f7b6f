// What a run stores, checked when it is read: `schema.gen.ts` has the shapes, from the interfaces.
import { TailwattError } from '../base/errors.ts'
import type { Channel } from './channel.ts'
import type { RunDocument } from './document.ts'
import { isTooDeep } from './json-depth.ts'
import type { HostCeilings, Manifest } from './manifest.ts'
import { runSchema } from './schema.gen.ts'
import { readShape, type Schema } from './shape.ts'

const { Manifest: manifest, HostCeilings: ceilings, Channel: channel } = runSchema.$defs

/** @throws TailwattError `run-damaged` with the first key that does not fit. */
export const parseRunDocument = (value: unknown, path = 'run.json'): RunDocument =>
  parse(runSchema, value, path) as RunDocument

/** The manifest of a run whose document is not written yet. @throws TailwattError `run-damaged`. */
export const parseManifest = (value: unknown, path = 'run.json'): Manifest => parse(manifest, value, path) as Manifest

function parse(schema: Schema, value: unknown, path: string): unknown {
  const read = readShape(schema, value, runSchema.$defs, 'run.json')
  if (read.ok) return read.value
  throw new TailwattError('run-damaged', { path, message: read.error })
}

/** Ceilings kept in a file; `undefined` when they are not whole. */
export function parseCeilings(value: unknown): HostCeilings | undefined {
  const read = readShape(ceilings, value, runSchema.$defs, 'ceilings')
  return read.ok ? (read.value as HostCeilings) : undefined
}

/** Channels as a module or a recording gives them; `undefined` when a run with them could not be read again. */
export function parseChannels(value: unknown): readonly Channel[] | undefined {
  // A run whose channels nobody can read again would be lost.
  if (isTooDeep(value)) return undefined
  const read = readShape({ type: 'array', items: channel }, value, runSchema.$defs, 'channels')
  return read.ok ? (read.value as readonly Channel[]) : undefined
}

/** JSON schema of `run.json`, draft 2020-12, as `schema/` holds it. */
export const runJsonSchema = (): object => runSchema
