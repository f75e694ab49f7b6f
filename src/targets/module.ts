// A module of the user's as a target, as one writes it in code.
import type { TargetSpec } from './target.ts'

/**
 * A module that exports `provider` (a `TargetProvider`), by file URL or absolute path. The options are the module's own; one
 * named `batch` says how many samples a request carries.
 */
export const module = (path: string, options: Readonly<Record<string, unknown>> = {}): TargetSpec => ({
  kind: path,
  ...(typeof options['batch'] === 'number' ? { batch: options['batch'] } : {}),
  options,
})
