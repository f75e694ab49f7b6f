// Requests as bytes, made once: a body that differs from request to request is put behind a head that only lacks its
// length. Knows nothing of what the bodies mean.
import { TailwattError } from '../../base/errors.ts'
import { fieldValue, token } from './field.ts'

/** `R` is what a body may depend on. */
export interface RequestParts<R> {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** One for all requests, or made for each. */
  readonly body: Buffer | ((request: R) => Buffer) | undefined
}

export interface RequestBytes {
  readonly bytes: Buffer
  readonly bodyBytes: number
}

/** Told by the framing of the request itself. */
const ours = new Set(['content-length', 'transfer-encoding'])

/** @throws TailwattError `usage` when a method or header cannot be sent. */
export function requestBytes<R>(parts: RequestParts<R>): (request: R) => RequestBytes {
  const { body } = parts
  const head = headOf(parts)
  if (body === undefined) {
    const bytes = Buffer.from(`${head}\r\n`, 'latin1')
    return () => ({ bytes, bodyBytes: 0 })
  }
  const whole = (content: Buffer): RequestBytes => ({
    bytes: Buffer.concat([Buffer.from(`${head}content-length: ${content.length}\r\n\r\n`, 'latin1'), content]),
    bodyBytes: content.length,
  })
  if (Buffer.isBuffer(body)) {
    const made = whole(body)
    return () => made
  }
  return (request) => whole(body(request))
}

function headOf({ method, url, headers }: Pick<RequestParts<never>, 'method' | 'url' | 'headers'>): string {
  if (!token.test(method)) refuse(`${JSON.stringify(method)} is no HTTP method`)
  const lines = [`${method} ${url.pathname}${url.search} HTTP/1.1`]
  const given = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  for (const [name, value] of new Map([['host', url.host], ['accept', '*/*'], ...given])) {
    if (ours.has(name)) continue
    if (!token.test(name)) refuse(`${JSON.stringify(name)} is no name of a header`)
    if (!fieldValue.test(value)) refuse(`the header ${name} holds characters that cannot be sent`)
    lines.push(`${name}: ${value}`)
  }
  return `${lines.join('\r\n')}\r\n`
}

function refuse(message: string): never {
  throw new TailwattError('usage', { message, verb: 'run' })
}
