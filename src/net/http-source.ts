// Answers of one HTTP server, asked for again and again over kept connections: bounded in time and size, never redirected
// (credentials are for whom the user named), and every way to fail is a sentence with what to do about it.
import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import { urlToHttpOptions } from 'node:url'
import type { Absence } from '../base/absence.ts'
import { fail, ok, type Result } from '../base/result.ts'

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

/** How long a connection that nothing is asked on is kept: who is between may forget it without a word, ms. */
const idleMs = 4000

type Broken = Absence & { readonly broken?: true }

export class HttpSource {
  readonly origin: string
  readonly #options: HttpSourceOptions
  #agent: Agent | undefined
  #closed = false

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
    if (!first.ok && first.error.broken && !this.#closed) return this.#once(path, headers)
    return first
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#agent?.destroy()
  }

  async #once(path: string, headers: Readonly<Record<string, string>>): Promise<Result<HttpAnswer, Broken>> {
    const { clock, timeoutMs } = this.#options
    // Loaded by whoever asks only.
    const { Agent, request } = await (this.origin.startsWith('https:') ? import('node:https') : import('node:http'))
    this.#agent ??= new Agent({ keepAlive: true, maxSockets: 1, timeout: idleMs, ALPNProtocols: ['http/1.1'] })
    const { hostname, port, protocol } = urlToHttpOptions(new URL(this.origin))
    const signal = AbortSignal.timeout(timeoutMs)
    /** Of the request: who reads a body sees only that it was cut off. */
    let failure: Error | undefined
    try {
      const sent = clock()
      const asked = request({ hostname, port, protocol, path, headers, signal, agent: this.#agent })
      asked.on('error', (error) => (failure = error))
      const message = await headOf(asked, protocol === 'https:')
      const received = clock()
      const text = await this.#textOf(message)
      if (!text.ok) return text
      return ok({ status: message.statusCode!, headers: headersOf(message), text: text.value, sent, received })
    } catch (error) {
      return fail(signal.aborted ? this.#late() : this.#absence(failure ?? (error as Error)))
    }
  }

  async #textOf(message: IncomingMessage): Promise<Result<string, Absence>> {
    const { maxBytes } = this.#options
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of message as AsyncIterable<Buffer>) {
      size += chunk.length
      // Leaving the loop ends the connection.
      if (size > maxBytes)
        return fail({
          reason: `${this.name} answers with more than ${maxBytes / 1024} kB`,
          remedy: 'check that the address is that of the meter',
        })
      chunks.push(chunk)
    }
    return ok(Buffer.concat(chunks).toString('utf8'))
  }

  #late(): Absence {
    return {
      reason: `no answer from ${this.name} within ${this.#options.timeoutMs / 1e3} s`,
      remedy: 'check that it is switched on and reachable from here',
    }
  }

  #absence(error: NodeJS.ErrnoException): Broken {
    const inner = (error as { readonly errors?: readonly NodeJS.ErrnoException[] }).errors?.[0] ?? error
    const code = inner.code ?? ''
    const { name } = this
    if (code === 'ECONNREFUSED')
      return { reason: `nothing listens at ${name} (ECONNREFUSED)`, remedy: 'check the address and the port' }
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
      return { reason: `the name ${name} is not known (${code})`, remedy: 'check the name, or give the IP address' }
    if (code.includes('TIMEOUT')) return this.#late()
    if (code.startsWith('HPE_') && code !== 'HPE_HEADER_OVERFLOW')
      return { reason: `what answers at ${name} does not speak HTTP`, remedy: 'check the address and the port' }
    if (code === 'ECONNRESET' || code === 'EPIPE')
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

/** Sends the request and waits for its answer to begin. */
const headOf = (request: ClientRequest, secure: boolean): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request.on('socket', (socket) => {
      // With bytes waiting, a handshake that fails is told as a write that fails, without why.
      if (secure && !request.reusedSocket) socket.once('secureConnect', () => request.end())
      else request.end()
    })
    request.on('response', resolve)
    request.on('error', reject)
    // A server that switches protocols is closed without an error.
    request.on('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })))
  })

/** A header that came twice is a list: whoever reads it decides what that means. */
const headersOf = ({ headersDistinct }: IncomingMessage): HttpAnswer['headers'] =>
  Object.fromEntries(
    Object.entries(headersDistinct).map(([name, values]) => [name, values?.length === 1 ? values[0] : values]),
  )

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
