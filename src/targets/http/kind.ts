// HTTP endpoints as a kind of target: which texts name one, and what is loaded when one is measured.
import { existsSync } from 'node:fs'
import { TailwattError } from '../../base/errors.ts'
import { parseHttpAddress } from '../../net/http-address.ts'
import type { TargetKind } from '../target.ts'
import { http, httpOptions, type HttpOptions } from './options.ts'

export const httpKind: TargetKind<HttpOptions> = {
  kind: 'http',
  flow: 'wire',
  heading: 'HTTP:',
  forms: ['http(s)://…'],
  names: { one: 'an address', many: 'HTTP endpoints' },
  api: true,
  options: httpOptions,
  // An address of another protocol, too: what is wrong with it is ours to say.
  matches: (text) => /^[a-z][a-z\d+.-]*:\/\//i.test(text),
  resolve(text, options = {}) {
    const address = parseHttpAddress(text)
    if (!address.ok) throw new TailwattError('usage', { message: address.error, verb: 'run' })
    const { bodyFile } = options
    if (bodyFile !== undefined && !existsSync(bodyFile)) throw new TailwattError('file-not-found', { path: bodyFile })
    return http(text, options)
  },
  load: async () => (await import('./http.ts')).httpTarget,
}
