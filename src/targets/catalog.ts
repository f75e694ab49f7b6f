// The kinds of targets. Only this file names concrete ones; a path or file URL names a module of the user's.
import { TailwattError } from '../base/errors.ts'
import { importProvider, namesModule } from '../host/extension.ts'
import { httpTarget } from './http/http.ts'
import { onnxTarget } from './onnx/onnx.ts'
import type { TargetProvider } from './target.ts'

export { http, type HttpOptions } from './http/options.ts'
export { onnx, type OnnxOptions } from './onnx/options.ts'

export const targetProviders: readonly TargetProvider[] = [onnxTarget, httpTarget]

/** @throws TailwattError `target-failed` when a module cannot be loaded, `usage` when nothing is of that kind. */
export async function findTargetProvider(kind: string): Promise<TargetProvider> {
  const known = targetProviders.find((provider) => provider.kind === kind)
  if (known) return known
  if (!namesModule(kind))
    throw new TailwattError('usage', { message: `there is no kind of target named ${kind}`, verb: 'run' })
  try {
    return await importProvider(kind)
  } catch (error) {
    throw new TailwattError(
      'target-failed',
      { message: (error as Error).message, remedy: 'Check the path and what the module exports.' },
      { cause: error },
    )
  }
}

/** Builds a reference model into the cache. @throws TailwattError `zoo-unknown`, `cannot-store`. */
export const buildZooModel = async (name: string): Promise<string> =>
  (await import('./onnx/zoo-cache.ts')).ensureZooModel(name)
