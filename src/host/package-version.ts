// Versions of packages that may not be installed.
import { createRequire } from 'node:module'

/** `undefined` when it is not installed; `unknown` when it does not say. */
export function packageVersion(name: string): string | undefined {
  const require = createRequire(import.meta.url)
  try {
    require.resolve(name)
  } catch {
    return undefined
  }
  try {
    return (require(`${name}/package.json`) as { version: string }).version
  } catch {
    return 'unknown'
  }
}
