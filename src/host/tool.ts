// What tailwatt says of itself in a run.
import { readFileSync } from 'node:fs'
import { redactCommand } from '../base/redact-command.ts'
import type { ToolFacts } from '../run/manifest.ts'

export function toolFacts(command?: readonly string[], keepBody?: boolean): ToolFacts {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { version: string }
  const facts = { name: 'tailwatt', version, node: process.version } as const
  return command ? { ...facts, command: redactCommand(command, keepBody) } : facts
}
