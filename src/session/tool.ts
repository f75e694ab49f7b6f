// What tailwatt says of itself in a run.
import { readFileSync } from 'node:fs'
import { redactArguments } from '../targets/redact.ts'
import type { ToolFacts } from '../run/manifest.ts'

export function toolFacts(command?: readonly string[]): ToolFacts {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { version: string }
  return { name: 'tailwatt', version, node: process.version, ...(command ? { command: redactArguments(command) } : {}) }
}
