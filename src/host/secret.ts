// Credentials come from the environment or from a file that it names, never from a flag or an address: those end up in
// shell histories, process lists and run folders.
import type { Host } from './host.ts'

/** `TAILWATT_<name>`, else the content of the file `TAILWATT_<name>_FILE` without its line end; `undefined` without both. */
export function readSecret(host: Host, name: string): string | undefined {
  const given = host.env(`TAILWATT_${name}`)
  if (given !== undefined && given !== '') return given
  const path = host.env(`TAILWATT_${name}_FILE`)
  if (path === undefined || path === '') return undefined
  const text = host.readFile(path)?.replace(/\r?\n$/, '')
  return text === '' ? undefined : text
}

/** What to say to somebody whose password is missing or wrong. */
export const secretRemedy = (name: string): string => `set TAILWATT_${name}, or TAILWATT_${name}_FILE to a file with it`
