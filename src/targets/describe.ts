// A target's name as runs and reports show it: what the user wrote, without secrets.
import { basename } from 'node:path'
import { redactAddress } from '../base/redact-address.ts'
import type { TargetSpec } from './target.ts'

export function describeTarget(spec: TargetSpec): string {
  const { path, url } = spec.options as { readonly path?: unknown; readonly url?: unknown }
  if (typeof url === 'string') return redactAddress(url)
  if (typeof path === 'string') return path.startsWith('zoo:') ? path : basename(path)
  return basename(spec.kind)
}
