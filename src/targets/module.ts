// A module of the user's as a target, as one writes it in code.
import type { TargetSpec } from './target.ts'

/** A module that exports `provider` (a `TargetProvider`), by file URL or absolute path. */
export const module = (path: string, options: Readonly<Record<string, unknown>> = {}): TargetSpec => ({
  kind: path,
  options,
})
