// Versions of packages that may not be installed.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** `undefined` when it is not installed; `unknown` when it does not say. */
export function packageVersion(name: string): string | undefined {
  const require = createRequire(import.meta.url)
  let folder: string
  try {
    folder = dirname(require.resolve(name))
  } catch {
    return undefined
  }
  // Not every package lets its own description be imported.
  for (; folder !== dirname(folder); folder = dirname(folder)) {
    const found = describedIn(folder)
    if (found?.name === name) return found.version ?? 'unknown'
  }
  return 'unknown'
}

function describedIn(folder: string): { readonly name?: string; readonly version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string; version?: string }
  } catch {
    return undefined
  }
}
