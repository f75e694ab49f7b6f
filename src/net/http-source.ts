// Answers of one HTTP server, asked for again and again over kept connections: bounded in time and size, never redirected
// (credentials are for whom the user named), and every way to fail is a sentence with what to do about it.
import { fail, ok, type Result } from '../base/result.ts'

/** Why there is nothing, and what the user can do. */
export interface Absence {
  readonly reason: string
  readonly remedy: string
}

export interface HttpAnswer {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
  /** When the request left and when the answer's head came, by the clock given: what it says was true in between. */
  readonly sent: number
  readonly received: number
}

export interface HttpSourceOptions {
  readonly clock: () => number
  readonly timeoutMs: number
  readonly maxBytes: number
}

export class HttpSource {
  readonly origin: string
  readonly #options: HttpSourceOptions
  #pool: import('undici').Pool | undefined

  /** `origin` is scheme, host and port. */
  constructor(origin: string, options: HttpSourceOptions) {
    this.origin = origin
    this.#options = options
  }

  /** Host and port, as sentences name it. */
  get name(): string {
    return new URL(this.origin).host
  }

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Result<HttpAnswer, Absence>> {
    const first = await this.#once(path, headers)
    // Small devices close kept connections whenever they like, also while a request is on its way.
    if (!first.ok && first.error.broken) return this.#once(path, headers)
    return first
  }

  async close(): Promise<void> {
    await this.#pool?.destroy()
  }

  async #once(
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Result<HttpAnswer, Absence & { readonly broken?: true }>> {
    const { clock, timeoutMs, maxBytes } = this.#options
    try {
      // undici is loaded by whoever asks only.
      const { Pool } = await import('undici')
      this.#pool ??= new Pool(this.origin, { connections: 1, pipelining: 1, connectTimeout: timeoutMs })
      const sent = clock()
      const answer = await this.#pool.request({
        path,
        method: 'GET',
        headers: { ...headers },
        signal: AbortSignal.timeout(timeoutMs),
      })
      const received = clock()
      const chunks: Buffer[] = []
      let size = 0
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        size += chunk.length
        if (size > maxBytes) {
          answer.body.destroy()
          return fail({
            reason: `${this.name} answers with more than ${maxBytes / 1024} kB`,
            remedy: 'check that the address is that of the meter',
          })
        }
        chunks.push(chunk)
      }
      const text = Buffer.concat(chunks).toString('utf8')
      return ok({ status: answer.statusCode, headers: answer.headers, text, sent, received })
    } catch (error) {
      return fail(this.#absence(error as NodeJS.ErrnoException))
    }
  }

  #absence(error: NodeJS.ErrnoException): Absence & { readonly broken?: true } {
    const inner = (error as { readonly errors?: readonly NodeJS.ErrnoException[] }).errors?.[0] ?? error
    const code = inner.code ?? ''
    const { name } = this
    if (code === 'ECONNREFUSED')
      return { reason: `nothing listens at ${name} (ECONNREFUSED)`, remedy: 'check the address and the port' }
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
      return { reason: `the name ${name} is not known (${code})`, remedy: 'check the name, or give the IP address' }
    if (error.name === 'TimeoutError' || error.name === 'AbortError' || code.includes('TIMEOUT'))
      return {
        reason: `no answer from ${name} within ${this.#options.timeoutMs / 1e3} s`,
        remedy: 'check that it is switched on and reachable from here',
      }
    if (code.startsWith('HPE_'))
      return { reason: `what answers at ${name} does not speak HTTP`, remedy: 'check the address and the port' }
    if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET' || code.startsWith('UND_ERR_RES'))
      return {
        reason: `${name} closed the connection in mid-answer`,
        remedy: 'check that it is alive, and not asked by too many at once',
        broken: true,
      }
    return {
      reason: `${name} cannot be asked (${code || inner.message})`,
      remedy: 'check the address and the network',
    }
  }
}

/** What a status other than 200 means; `undefined` for 200. A 401 is the caller's to explain. */
export function statusAbsence(name: string, { status, headers }: HttpAnswer): Absence | undefined {
  if (status === 200) return undefined
  if (status >= 300 && status < 400) {
    const { location } = headers
    const to = typeof location === 'string' && URL.canParse(location) ? ` to ${new URL(location).host}` : ''
    return { reason: `${name} redirects${to} (HTTP ${status})`, remedy: 'name the address that it redirects to' }
  }
  return { reason: `${name} answers HTTP ${status}`, remedy: 'check that the address is that of the meter' }
}

/** The answer as a JSON object. */
export function jsonObject(name: string, text: string): Result<Readonly<Record<string, unknown>>, Absence> {
  const remedy = 'check that the address is that of the meter'
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return ok(value as Record<string, unknown>)
    return fail({ reason: `${name} answers with JSON that is no object`, remedy })
  } catch {
    if (/^\s*</.test(text)) return fail({ reason: `${name} answers with HTML instead of JSON`, remedy })
    return fail({
      reason: `${name} answers with ${text.trim() === '' ? 'nothing' : 'JSON that is cut off or damaged'}`,
      remedy: 'check that it is alive, and that the address is that of the meter',
    })
  }
}
