// From what a user types as the target to its spec: what some kind of target knows by its form, else a module of the
// user's or a model file.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TailwattError } from '../base/errors.ts'
import { redactArgument } from '../base/redact-address.ts'
import { onnx, targetKinds, type HttpOptions, type OnnxOptions } from './catalog.ts'
import { module } from './module.ts'
import type { TargetSpec } from './target.ts'

/** For each kind what a target of it would take. */
export interface ResolveOptions {
  readonly onnx?: OnnxOptions
  readonly http?: HttpOptions
  readonly [kind: string]: object | undefined
}

/**
 * @param api the kind that is meant, where several know the text
 * @throws TailwattError `usage` when the text is no kind of target, `file-not-found`.
 */
export function resolveTarget(text: string, options: ResolveOptions = {}, api?: string): TargetSpec {
  // A variable of the shell that is not set.
  if (text.trim() === '') throw new TailwattError('usage', { message: 'the target is empty', verb: 'run' })
  const known = targetKinds.filter((kind) => kind.matches(text))
  const kind = known.find((each) => each.kind === api) ?? known[0]
  if (kind) return kind.resolve(text, options[kind.kind])
  if (text.startsWith('unix:') && !existsSync(text)) {
    const message = 'a server on a Unix socket cannot be measured; have it listen on a port of 127.0.0.1'
    throw new TailwattError('usage', { message, verb: 'run' })
  }
  if (!existsSync(text)) throw new TailwattError('file-not-found', { path: redactArgument(text) })
  if (/\.(mjs|js|cjs)$/.test(text)) return module(pathToFileURL(resolve(text)).href)
  return onnx(text, options.onnx)
}
