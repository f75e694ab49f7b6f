// An HTTP endpoint: one POST (or GET) a request over keep-alive connections, success by status. The body is read once. Its
// own HTTP/1.1 client: a general one sees an answer some tenths of a millisecond after it came (docs/decisions/0003).
import { readFileSync } from 'node:fs'
import { TailwattError } from '../../base/errors.ts'
import { redactAddress } from '../../base/redact-address.ts'
import { AnswerTimeout, ConnectionClosed, type RequestTimer } from '../../net/client.ts'
import { parseHttpAddress } from '../../net/http-address.ts'
import { requestBytes, type RequestBytes } from '../../net/http1/request-bytes.ts'
import { ResponseError } from '../../net/http1/response-parser.ts'
import { NodeClient } from '../../net/node-client.ts'
import { statusCode } from '../../run/table.ts'
import type { AsyncTarget, Outcome, RequestView, TargetInfo, TargetProvider, TargetSpec } from '../target.ts'
import type { HttpOptions } from './options.ts'
import { templateBody } from './template.ts'

type HttpSpecOptions = HttpOptions & { readonly url: string }

const defaultTimeoutMs = 30_000

export const httpTarget: Pick<TargetProvider, 'inspect' | 'open'> = {
  inspect: async (spec) => {
    const options = optionsOf(spec)
    readBody(options)
    const provider = redactAddress(new URL(options.url).host)
    const engine = { name: 'http', version: '1.1', provider, options: {} }
    return options.timeoutMs === undefined ? { engine } : { engine, timeoutMs: options.timeoutMs }
  },
  open: async (spec) => ({ flow: 'async', target: new HttpTarget(optionsOf(spec)) }),
}

function optionsOf(spec: TargetSpec): HttpSpecOptions {
  const options = spec.options as unknown as HttpSpecOptions
  const address = parseHttpAddress(String(options.url))
  if (!address.ok) throw new TailwattError('usage', { message: address.error, verb: 'run' })
  if (options.body !== undefined && options.bodyFile !== undefined)
    throw new TailwattError('usage', { message: 'body and bodyFile cannot both be meant', verb: 'run' })
  return options
}

function readBody(options: HttpSpecOptions): Buffer | string | undefined {
  if (options.bodyFile === undefined) return options.body
  try {
    return readFileSync(options.bodyFile)
  } catch (error) {
    throw new TailwattError('file-not-found', { path: options.bodyFile }, { cause: error })
  }
}

class HttpTarget implements AsyncTarget {
  readonly #client: NodeClient
  readonly #request: (request: RequestView) => RequestBytes
  readonly #head: boolean

  constructor(options: HttpSpecOptions) {
    const url = new URL(options.url)
    const body = readBody(options)
    const method = (options.method ?? (body === undefined ? 'GET' : 'POST')).toUpperCase()
    const login =
      url.username === ''
        ? {}
        : { authorization: `Basic ${btoa(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`)}` }
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    this.#request = requestBytes({
      method,
      url,
      headers: { ...type, ...login, ...options.headers },
      body: typeof body === 'string' ? templateBody(body) : body,
    })
    this.#head = method === 'HEAD'
    const secure = url.protocol === 'https:'
    this.#client = new NodeClient(
      {
        secure,
        // An IPv6 address stands in brackets in a URL only.
        host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
        port: Number(url.port) || (secure ? 443 : 80),
      },
      { timeoutMs: options.timeoutMs ?? defaultTimeoutMs, now: () => performance.now() },
    )
  }

  async prepare(): Promise<TargetInfo> {
    return { facts: {}, timings: { load_ms: 0, session_ms: 0 } }
  }

  async send(request: RequestView, timer: RequestTimer): Promise<Outcome> {
    const { bytes, bodyBytes } = this.#request(request)
    const sizes = { sizeIn: bodyBytes, sizeOut: 0, engine: Number.NaN }
    try {
      const answer = await this.#client.exchange(bytes, this.#head, timer)
      const ok = answer.status >= 200 && answer.status < 300
      return ok
        ? { ...sizes, sizeOut: answer.bodyBytes, status: 0 }
        : { ...sizes, sizeOut: answer.bodyBytes, status: answer.status, message: `HTTP ${answer.status}` }
    } catch (error) {
      return { ...sizes, ...failure(error as Error) }
    }
  }

  async close(): Promise<void> {
    this.#client.close()
  }
}

function failure(error: Error): { readonly status: number; readonly message: string } {
  const { code } = error as NodeJS.ErrnoException
  const message = describe(error)
  if (code === 'ECONNREFUSED')
    return { status: statusCode('refused'), message: `the server refuses connections (${message})` }
  if (error instanceof ConnectionClosed || code === 'ECONNRESET' || code === 'EPIPE')
    return { status: statusCode('reset'), message: `the server closed the connection (${message})` }
  if (error instanceof AnswerTimeout || code === 'ETIMEDOUT')
    return { status: statusCode('timeout'), message: `no answer in time (${message})` }
  if (error instanceof ResponseError)
    return { status: statusCode('invalid-response'), message: `the answer is not HTTP (${message})` }
  return { status: statusCode('error'), message }
}

// Several addresses tried give an error with an empty message of its own.
function describe(error: Error): string {
  const inner = (error as { errors?: readonly Error[] }).errors?.[0]
  return error.message || inner?.message || (error as NodeJS.ErrnoException).code || error.name
}
