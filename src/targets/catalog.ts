// The kinds of targets. Only this file names concrete ones; a path or file URL names a module of the user's.
import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TailwattError } from '../base/errors.ts'
import { httpTarget } from './http/http.ts'
import { onnxTarget } from './onnx/onnx.ts'
import type { TargetProvider } from './target.ts'

export const targetProviders: readonly TargetProvider[] = [onnxTarget, httpTarget]

/** @throws TailwattError `target-failed` when a module cannot be loaded, `usage` when nothing is of that kind. */
export async function findTargetProvider(kind: string): Promise<TargetProvider> {
  const known = targetProviders.find((provider) => provider.kind === kind)
  if (known) return known
  if (!kind.startsWith('file:') && !isAbsolute(kind))
    throw new TailwattError('usage', { message: `there is no kind of target named ${kind}`, verb: 'run' })
  try {
    const loaded = (await import(kind.startsWith('file:') ? kind : pathToFileURL(kind).href)) as {
      provider?: TargetProvider
    }
    if (loaded.provider) return loaded.provider
  } catch (error) {
    throw new TailwattError(
      'target-failed',
      { message: `${kind} cannot be loaded: ${String(error)}` },
      { cause: error },
    )
  }
  throw new TailwattError('target-failed', { message: `${kind} exports no provider` })
}
