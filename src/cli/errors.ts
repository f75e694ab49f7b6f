// Errors as one sentence with what to do, and their exit status. No stack traces but for bugs, on request.
import { CommanderError } from 'commander'
import { TailwattError, describeError } from '../index.ts'

export function exitOf(error: unknown): number {
  if (error instanceof CommanderError) return 2
  if (error instanceof TailwattError) return describeError(error).exit
  if (error instanceof DOMException && error.name === 'AbortError') return 130
  return 1
}

export function report(error: unknown): void {
  process.stderr.write(`${sentence(error)}\n`)
  if (exitOf(error) === 1 && process.env['TAILWATT_DEBUG'] && error instanceof Error)
    process.stderr.write(`${error.stack}\n`)
}

function sentence(error: unknown): string {
  if (error instanceof CommanderError)
    return `tailwatt: ${error.message.replace(/^error: /, '')}. See \`tailwatt --help\`.`
  if (error instanceof TailwattError) {
    const { title, remedy } = describeError(error)
    return `tailwatt: ${title}. ${remedy}`
  }
  if (error instanceof DOMException && error.name === 'AbortError') return `tailwatt: ${error.message}.`
  const message = error instanceof Error ? error.message : String(error)
  return `tailwatt failed: ${message}. Please report it; TAILWATT_DEBUG=1 shows where.`
}
