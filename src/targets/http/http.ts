// An HTTP endpoint: one POST (or GET) a request over keep-alive connections, success by status. The body is read once.
import { readFileSync } from 'node:fs'
import { TailwattError } from '../../base/errors.ts'
import { statusCode } from '../../run/table.ts'
import type { HttpOptions } from '../specs.ts'
import type {
  AsyncTarget,
  Outcome,
  RequestTimer,
  RequestView,
  TargetInfo,
  TargetProvider,
  TargetSpec,
} from '../target.ts'
import { renderTemplate, type Template, parseTemplate } from './template.ts'

type HttpSpecOptions = HttpOptions & { readonly url: string }

const defaultTimeoutMs = 30_000
/** More connections than any limit of outstanding requests needs. */
const connections = 1024

export const httpTarget: TargetProvider = {
  kind: 'http',
  flow: 'async',
  inspect: async (spec) => {
    readBody(optionsOf(spec))
    return { engine: { name: 'http', version: '1.1', provider: new URL(optionsOf(spec).url).host, options: {} } }
  },
  open: async (spec) => ({ flow: 'async', target: await HttpTarget.open(optionsOf(spec)) }),
}

function optionsOf(spec: TargetSpec): HttpSpecOptions {
  const options = spec.options as unknown as HttpSpecOptions
  if (typeof options.url !== 'string' || !URL.canParse(options.url))
    throw new TailwattError('usage', { message: `${String(options.url)} is not a URL`, verb: 'run' })
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
  readonly #pool: import('undici').Pool
  readonly #path: string
  readonly #method: string
  readonly #headers: Record<string, string>
  readonly #body: Template | Buffer | undefined

  static async open(options: HttpSpecOptions): Promise<HttpTarget> {
    // undici is needed by whoever sends only.
    const { Pool } = await import('undici')
    return new HttpTarget(options, Pool)
  }

  private constructor(options: HttpSpecOptions, Pool: typeof import('undici').Pool) {
    const url = new URL(options.url)
    const timeout = options.timeoutMs ?? defaultTimeoutMs
    this.#pool = new Pool(url.origin, {
      connections,
      pipelining: 1,
      connectTimeout: Math.min(timeout, 10_000),
      headersTimeout: timeout,
      bodyTimeout: timeout,
      keepAliveTimeout: 60_000,
    })
    const body = readBody(options)
    this.#path = url.pathname + url.search
    this.#method = options.method ?? (body === undefined ? 'GET' : 'POST')
    this.#body = typeof body === 'string' ? parseTemplate(body) : body
    const login =
      url.username === ''
        ? {}
        : { authorization: `Basic ${btoa(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`)}` }
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    this.#headers = { ...type, ...login, ...options.headers }
  }

  async prepare(): Promise<TargetInfo> {
    return { facts: {}, timings: { load_ms: 0, session_ms: 0 } }
  }

  send(request: RequestView, timer: RequestTimer): Promise<Outcome> {
    const body =
      this.#body === undefined
        ? undefined
        : Buffer.isBuffer(this.#body)
          ? this.#body
          : renderTemplate(this.#body, request)
    const sizeIn = body === undefined ? 0 : Buffer.byteLength(body)
    return new Promise((resolve) => {
      let status = 0
      let sizeOut = 0
      this.#pool.dispatch(
        {
          path: this.#path,
          method: this.#method as import('undici').Dispatcher.HttpMethod,
          headers: this.#headers,
          body: body ?? null,
        },
        {
          onRequestStart: () => undefined,
          onResponseStart: (_, code) => {
            timer.first()
            status = code >= 200 && code < 300 ? 0 : code
          },
          onResponseData: (_, chunk) => {
            sizeOut += chunk.length
          },
          onResponseEnd: () =>
            resolve({
              status,
              sizeIn,
              sizeOut,
              engine: Number.NaN,
              ...(status === 0 ? {} : { message: `HTTP ${status}` }),
            }),
          onResponseError: (_, error) => resolve({ ...failure(error), sizeIn, sizeOut, engine: Number.NaN }),
        },
      )
    })
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
  }
}

function failure(error: Error): { readonly status: number; readonly message: string } {
  const { code } = error as NodeJS.ErrnoException
  const message = describe(error)
  if (code === 'ECONNREFUSED')
    return { status: statusCode('refused'), message: `the server refuses connections (${message})` }
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET')
    return { status: statusCode('reset'), message: `the server closed the connection (${message})` }
  if (code?.includes('TIMEOUT')) return { status: statusCode('timeout'), message: `no answer in time (${message})` }
  if (code?.startsWith('HPE_'))
    return { status: statusCode('invalid-response'), message: `the answer is not HTTP (${message})` }
  return { status: statusCode('error'), message }
}

// Several addresses tried give an error with an empty message of its own.
function describe(error: Error): string {
  const inner = (error as { errors?: readonly Error[] }).errors?.[0]
  return error.message || inner?.message || (error as NodeJS.ErrnoException).code || error.name
}
