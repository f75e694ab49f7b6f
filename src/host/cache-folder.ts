// Where what may be kept from run to run lies: outside of any project, and free to be deleted.
import { homedir } from 'node:os'
import { join } from 'node:path'

/** `$TAILWATT_CACHE`, else `$XDG_CACHE_HOME/tailwatt`, else `~/.cache/tailwatt`. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  if (env['TAILWATT_CACHE']) return env['TAILWATT_CACHE']
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'tailwatt')
}
