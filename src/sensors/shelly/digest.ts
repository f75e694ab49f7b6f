// HTTP digest authentication as Shelly devices of the second generation and later ask for it: RFC 7616, SHA-256, qop auth
// (shelly-api-docs.shelly.cloud/gen2/General/Authentication). The password itself never goes over the wire.
import { createHash } from 'node:crypto'

export interface Challenge {
  readonly realm: string
  readonly nonce: string
}

/** `undefined` when the header asks for something else. */
export function parseChallenge(header: string): Challenge | undefined {
  if (!/^\s*digest\s/i.test(header)) return undefined
  const field = (name: string): string | undefined => {
    const match = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|([^\\s,]+))`, 'i').exec(header)
    return match?.[1] ?? match?.[2]
  }
  const realm = field('realm')
  const nonce = field('nonce')
  const algorithm = field('algorithm') ?? 'MD5'
  if (realm === undefined || nonce === undefined || algorithm.toUpperCase() !== 'SHA-256') return undefined
  return { realm, nonce }
}

export interface DigestRequest {
  readonly user: string
  readonly password: string
  readonly method: string
  /** Path and query, as sent. */
  readonly uri: string
  /** How many requests this nonce has signed, this one included. */
  readonly count: number
  readonly cnonce: string
}

/** The value of the `authorization` header. */
export function digestAuthorization({ realm, nonce }: Challenge, request: DigestRequest): string {
  const { user, password, method, uri, cnonce } = request
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
  const nc = request.count.toString(16).padStart(8, '0')
  const ha1 = hash(`${user}:${realm}:${password}`)
  const ha2 = hash(`${method}:${uri}`)
  const response = hash(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}`)
  return (
    `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", ` +
    `algorithm=SHA-256, qop=auth, nc=${nc}, cnonce="${cnonce}", response="${response}"`
  )
}
