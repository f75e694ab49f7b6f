// What an HTTP endpoint takes, as flags and as options of the library. The client is not loaded here.
import { fail, ok, type Result } from '../../base/result.ts'
import { fieldValue, token } from '../../net/http1/field.ts'
import { anyText, milliseconds, onOff } from '../option.ts'
import type { TargetKind, TargetSpec } from '../target.ts'

export interface HttpOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Text of the body; may hold template fields. */
  readonly body?: string
  /** File the body is read from. */
  readonly bodyFile?: string
  readonly timeoutMs?: number
  /** Sends once more, on a fresh connection, what met a connection that the server was closing. Default true. */
  readonly resend?: boolean
}

/** An HTTP endpoint; success is a 2xx status. */
export const http = (url: string, options: HttpOptions = {}): TargetSpec => ({
  kind: 'http',
  options: { url, ...options },
})

export const httpOptions: TargetKind<HttpOptions>['options'] = {
  method: {
    flag: '--method <verb>',
    help: 'POST with a body, else GET',
    reads: {
      form: 'text',
      parse: (text) => (token.test(text) ? ok(text) : fail('it needs a method of HTTP, such as PUT')),
    },
  },
  headers: {
    flag: '--header <name: value>',
    help: 'a header (repeatable)',
    reads: { form: 'texts', parse: addHeader },
  },
  body: {
    flag: '--body <text>',
    help: 'the body; {{id}} stands for the number of the request',
    reads: anyText,
    excludes: '--body-file',
  },
  bodyFile: { flag: '--body-file <path>', help: 'a file with the body', reads: anyText },
  resend: {
    flag: '--no-resend',
    help: 'count a request as failed that met a connection the server was closing',
    reads: onOff,
  },
  timeoutMs: { flag: '--timeout <time>', help: 'for one answer (default 30s)', reads: milliseconds },
}

function addHeader(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Result<Readonly<Record<string, string>>, string> {
  const colon = text.indexOf(':')
  const name = text.slice(0, Math.max(0, colon)).trimEnd()
  const value = text.slice(colon + 1).trim()
  if (!token.test(name)) return fail('it needs the form name: value')
  if (!fieldValue.test(value)) return fail('it holds characters that a header cannot')
  return ok({ ...before, [name]: value })
}
