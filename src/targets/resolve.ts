// From what a user types as the target to its spec: a URL, `zoo:name`, a model file, a module of the user's.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TailwattError } from '../base/errors.ts'
import { redactArgument } from '../base/redact.ts'
import { parseHttpAddress } from '../host/http-address.ts'
import { http, onnx, type HttpOptions, type OnnxOptions } from './catalog.ts'
import { module } from './module.ts'
import type { TargetSpec } from './target.ts'

export interface ResolveOptions {
  readonly onnx?: OnnxOptions
  readonly http?: HttpOptions
}

/** @throws TailwattError `usage` when the text is no kind of target, `file-not-found`. */
export function resolveTarget(text: string, options: ResolveOptions = {}): TargetSpec {
  // A variable of the shell that is not set.
  if (text.trim() === '') throw new TailwattError('usage', { message: 'the target is empty', verb: 'run' })
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(text)) {
    const address = parseHttpAddress(text)
    if (!address.ok) throw new TailwattError('usage', { message: address.error, verb: 'run' })
    const bodyFile = options.http?.bodyFile
    if (bodyFile !== undefined && !existsSync(bodyFile)) throw new TailwattError('file-not-found', { path: bodyFile })
    return http(text, options.http)
  }
  if (text.startsWith('unix:') && !existsSync(text)) {
    const message = 'a server on a Unix socket cannot be measured; have it listen on a port of 127.0.0.1'
    throw new TailwattError('usage', { message, verb: 'run' })
  }
  if (text.startsWith('zoo:')) return onnx(text, options.onnx)
  if (!existsSync(text)) throw new TailwattError('file-not-found', { path: redactArgument(text) })
  if (/\.(mjs|js|cjs)$/.test(text)) return module(pathToFileURL(resolve(text)).href)
  return onnx(text, options.onnx)
}
