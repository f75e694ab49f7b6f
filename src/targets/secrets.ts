// What of a target's spec must never be stored or shown: everything it sends but the address's plain parts.
import { readFileSync, statSync } from 'node:fs'
import { addressSecrets } from '../base/redact-address.ts'
import { bodySecrets, headerSecrets } from '../base/redact-command.ts'
import { Redactor } from '../base/redact-text.ts'
import type { TargetSpec } from './target.ts'

/** For what a target says: a server may send back what it was sent. `keepBody`: a body given as text is no secret. */
export function targetRedactor({ options }: TargetSpec, keepBody = false): Redactor {
  // A module of the user's has options of its own; those that have these names are taken to mean the same.
  const { url, headers, body, bodyFile } = options
  return new Redactor([
    ...(typeof url === 'string' ? addressSecrets(url) : []),
    ...Object.values(headers ?? {}).flatMap((value) => headerSecrets(String(value))),
    ...(typeof body === 'string' && !keepBody ? bodySecrets(body) : []),
    ...(typeof bodyFile === 'string' ? bodySecrets(contentOf(bodyFile)) : []),
  ])
}

function contentOf(path: string): string {
  try {
    // A pipe can be read once only, and not by us.
    return statSync(path).isFile() ? readFileSync(path, 'utf8') : ''
  } catch {
    // The target says so itself; a body that cannot be read is not sent either.
    return ''
  }
}
