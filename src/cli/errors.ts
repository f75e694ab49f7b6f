// Errors as one sentence with what to do, and their exit status. No stack traces but for bugs, on request.
import { CommanderError } from 'commander'
import { TailwattError, commandRedactor, describeError, isOutOfFiles, tooFewFiles, type Redactor } from '../index.ts'
import { complain } from './output.ts'

export function exitOf(thrown: unknown): number {
  const error = told(thrown)
  if (error instanceof CommanderError) return 2
  if (error instanceof TailwattError) return describeError(error).exit
  if (error instanceof DOMException && error.name === 'AbortError') return 130
  return 1
}

/** `verb` is whose help explains what was written wrongly. */
export function report(thrown: unknown, verb?: string): void {
  const error = told(thrown)
  const redactor = commandRedactor(process.argv.slice(2), process.env)
  complain(sentence(error, redactor, verb))
  if (exitOf(error) === 1 && process.env['TAILWATT_DEBUG'] && error instanceof Error)
    for (const line of redactor.text(error.stack ?? '').split('\n')) complain(line)
}

/** Whatever failed because of it: the limit of open files is what the user can change. */
const told = (error: unknown): unknown => (isOutOfFiles(error) ? tooFewFiles() : error)

/** For a run that was read all the same. */
export function reportNotStored(error: TailwattError): void {
  const { title } = describeError(error)
  complain(`tailwatt: ${title}. The run was analysed in memory; nothing was stored.`)
}

/** Our own words stay as they are; what somebody else's have of the command line's secrets is taken out. */
function sentence(error: unknown, redactor: Redactor, verb?: string): string {
  if (error instanceof CommanderError) {
    const fault = redactor.text(flagFault(error.message)).replace(/[^?]$/, '$&.')
    return `tailwatt: ${fault} See \`tailwatt ${verb === undefined ? '' : `${verb} `}--help\`.`
  }
  if (error instanceof TailwattError) {
    const { title, remedy } = describeError(new TailwattError(error.code, redactor.data(error.data)))
    return `tailwatt: ${title}. ${remedy}`
  }
  if (error instanceof DOMException && error.name === 'AbortError') return `tailwatt: ${error.message}.`
  const message = redactor.text(error instanceof Error ? error.message : String(error))
  return `tailwatt failed: ${message}. Please report it; TAILWATT_DEBUG=1 shows where.`
}

/** Of commander's two sentences one. */
const flagFault = (message: string): string =>
  message
    .replace(/^error: /, '')
    // The flag is unknown, so whether its value is a secret is too.
    .replace(/^(unknown option '--[\w-]+)[^\w'-].*?'(?=$|\n\(Did you mean)/s, "$1'")
    // `-HAuthorization: Bearer …`, as curl takes it: what follows the letter is its value.
    .replace(/^(unknown option '-[^-])..*'$/s, "$1'")
    // Of `tailwatt help x`, where commander shows help instead of an error.
    .replace(/^\(outputHelp\)$/, 'missing or unknown command')
    .replace(/ is invalid\. it /, ' is invalid: it ')
    .replace(/\n\(Did you mean (.*)\?\)$/, '; did you mean $1?')
    .replace(/\.$/, '')
