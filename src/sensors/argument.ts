// What follows the colon in `--sensors kind:argument`, checked before anything is opened.
import { statSync } from 'node:fs'
import { TailwattError } from '../base/errors.ts'
import type { Result } from '../base/result.ts'
import type { SensorArgument } from './sensor.ts'

/** A pipe or a device may never end, and can be read once only. */
export const checkFile: SensorArgument['check'] = (path, id) => {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new TailwattError('file-not-found', { path })
  if (!found.isFile()) usage(`${id} reads a regular file, which ${path} is not`)
}

/** A secret typed by mistake is not repeated. */
export const checkAddress =
  (parse: (text: string) => Result<unknown, string>): SensorArgument['check'] =>
  (text, id) => {
    if (text.includes('@'))
      usage(`credentials of ${id} are not taken from a flag; set TAILWATT_${id.toUpperCase()}_PASSWORD`)
    const address = parse(text)
    if (!address.ok) usage(`${id}: ${address.error}`)
  }

export function usage(message: string): never {
  throw new TailwattError('usage', { message, verb: 'run' })
}
