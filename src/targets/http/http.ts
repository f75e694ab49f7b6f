// An HTTP endpoint: one POST (or GET) a request over keep-alive connections, success by status. The body is read once. Its
// own HTTP/1.1 client: a general one sees an answer some tenths of a millisecond after it came (docs/decisions/0003).
import { readFileSync } from 'node:fs'
import { TailwattError } from '../../base/errors.ts'
import { redactAddress } from '../../base/redact-address.ts'
import type { AnswerReader, Endpoint, Failure } from '../../net/client.ts'
import { parseHttpAddress } from '../../net/http-address.ts'
import { requestBytes, type RequestBytes } from '../../net/http1/request-bytes.ts'
import { ResponseParser } from '../../net/http1/response-parser.ts'
import { statusCode } from '../../run/table.ts'
import type { RequestView, TargetProvider, TargetSpec, WireTarget } from '../target.ts'
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
  open: async (spec) => ({ flow: 'wire', target: new HttpTarget(optionsOf(spec)) }),
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

class HttpTarget implements WireTarget {
  readonly endpoint: Endpoint
  readonly timeoutMs: number
  readonly resends: boolean
  readonly encode: (request: RequestView) => RequestBytes
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
    this.encode = requestBytes({
      method,
      url,
      headers: { ...type, ...login, ...options.headers },
      body: typeof body === 'string' ? templateBody(body) : body,
    })
    this.#head = method === 'HEAD'
    const secure = url.protocol === 'https:'
    this.endpoint = {
      secure,
      // An IPv6 address stands in brackets in a URL only.
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(url.port) || (secure ? 443 : 80),
    }
    this.timeoutMs = options.timeoutMs ?? defaultTimeoutMs
    this.resends = options.resend ?? true
  }

  reader(): AnswerReader {
    return new ResponseParser(this.#head)
  }

  succeeded(status: number): boolean {
    return status >= 200 && status < 300
  }

  failed({ kind, message }: Failure): { readonly status: number; readonly message: string } {
    return { status: statusCode(kind), message: `${told[kind]} (${message})` }
  }
}

const told: Readonly<Record<Failure['kind'], string>> = {
  refused: 'the server refuses connections',
  reset: 'the server closed the connection',
  timeout: 'no answer in time',
  'invalid-response': 'the answer is not HTTP',
  error: 'the connection failed',
}
