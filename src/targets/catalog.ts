// The kinds of targets. Only this file names concrete ones; a path or file URL names a module of the user's. Light: what
// inspects and opens a target is loaded when a target of that kind is measured.
import { TailwattError } from '../base/errors.ts'
import { importProvider, namesModule } from '../host/extension.ts'
import { httpKind } from './http/kind.ts'
import { onnxKind } from './onnx/kind.ts'
import type { TargetKind, TargetProvider } from './target.ts'

export { http, type HttpOptions } from './http/options.ts'
export { onnx, parseShapeFlag, type OnnxOptions } from './onnx/options.ts'

/** In the order of the help. Of several that know a text the first one is meant. */
export const targetKinds: readonly TargetKind[] = [onnxKind, httpKind]

/** `undefined` for a module of the user's. */
export const findTargetKind = (kind: string): TargetKind | undefined => targetKinds.find((each) => each.kind === kind)

/** @throws TailwattError `target-failed` when a module cannot be loaded, `usage` when nothing is of that kind. */
export async function findTargetProvider(kind: string): Promise<TargetProvider> {
  const known = findTargetKind(kind)
  if (known) return { kind, flow: known.flow, ...(await known.load()) }
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
