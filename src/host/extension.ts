// Extensions by module: a target or a sensor of the user's is named by a path or file URL, and exports its `provider`.
import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'

export const namesModule = (kind: string): boolean => kind.startsWith('file:') || isAbsolute(kind)

/** What the module exports as `provider`. @throws Error in one sentence when it cannot be loaded or exports none. */
export async function importProvider<T>(kind: string): Promise<T> {
  let loaded: { readonly provider?: T }
  try {
    loaded = (await import(kind.startsWith('file:') ? kind : pathToFileURL(kind).href)) as typeof loaded
  } catch (error) {
    throw new Error(`${kind} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
  if (loaded.provider === undefined) throw new Error(`${kind} exports no provider`)
  return loaded.provider
}
