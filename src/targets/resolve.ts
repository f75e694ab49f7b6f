// From what a user types as the target to its spec: a URL, `zoo:name`, a model file, a module of the user's.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TailwattError } from '../base/errors.ts'
import { redactAddress, redactArgument } from '../base/redact.ts'
import { http, module, onnx, type HttpOptions, type OnnxOptions } from './specs.ts'
import type { TargetSpec } from './target.ts'

export interface ResolveOptions {
  readonly onnx?: OnnxOptions
  readonly http?: HttpOptions
}

/** @throws TailwattError `usage` when the text is no kind of target, `file-not-found`. */
export function resolveTarget(text: string, options: ResolveOptions = {}): TargetSpec {
  if (/^https?:\/\//i.test(text)) {
    if (!URL.canParse(text))
      throw new TailwattError('usage', { message: `${redactAddress(text)} is not a URL`, verb: 'run' })
    return http(text, options.http)
  }
  if (text.startsWith('zoo:')) return onnx(text, options.onnx)
  if (!existsSync(text)) throw new TailwattError('file-not-found', { path: redactArgument(text) })
  if (/\.(mjs|js|cjs)$/.test(text)) return module(pathToFileURL(resolve(text)).href)
  return onnx(text, options.onnx)
}
