// What an ONNX model takes, as flags and as options of the library, and which settings are worth a try. Neither the engine
// nor the reader of models is loaded here.
import { TailwattError } from '../../base/errors.ts'
import { ok } from '../../base/result.ts'
import { anyText, count, onOff, oneOf, shared } from '../option.ts'
import type { TargetKind, TargetSpec } from '../target.ts'

export interface OnnxOptions {
  /** Samples in one request. */
  readonly batch?: number
  /** Dimensions of inputs with symbolic ones: `{ ids: [1, 128] }`. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>
  /** Intra-op threads of one engine session; the engine's default when left out. */
  readonly threads?: number
  readonly opt?: 'all' | 'extended' | 'basic' | 'disabled'
  /** Execution provider, e.g. `cpu`, `cuda`. */
  readonly provider?: string
  /** False switches off the busy waiting of the engine's threads. */
  readonly spinning?: boolean
  readonly seed?: number
}

/** An ONNX model file, or `zoo:<name>`, on ONNX Runtime. */
export const onnx = (path: string, { batch, ...options }: OnnxOptions = {}): TargetSpec => ({
  kind: 'onnx',
  ...(batch === undefined ? {} : { batch }),
  options: { path, ...options },
})

/**
 * `--shape ids=1x128`. The name is what stands before the last `=`, for names may hold one.
 * @throws TailwattError `shape-invalid`
 */
export function parseShapeFlag(text: string): { readonly name: string; readonly dims: readonly number[] } {
  const at = text.lastIndexOf('=')
  const name = text.slice(0, at)
  const parts = text.slice(at + 1).split(/[x,×]/)
  if (at < 1 || !parts.every((part) => /^\d{1,15}$/.test(part.trim())))
    throw new TailwattError('shape-invalid', { message: `--shape ${text} is not a name with sizes` })
  return { name, dims: parts.map(Number) }
}

export const onnxOptions: TargetKind<OnnxOptions>['options'] = {
  batch: { flag: '--batch <n>', help: 'samples in a request', reads: count },
  shapes: {
    flag: '--shape <name=1x128>',
    help: 'size of an input with dynamic dimensions (repeatable)',
    reads: {
      form: 'texts',
      parse(text, before) {
        const { name, dims } = parseShapeFlag(text)
        return ok({ ...before, [name]: dims })
      },
    },
  },
  threads: {
    flag: '--threads <n>',
    help: 'engine threads of one instance',
    reads: count,
    vary: ({ threads }, { cpus, instances }) =>
      [...new Set([1, 2, Math.ceil(cpus / 2), cpus])].filter(
        (n) => n <= cpus && n !== threads && n * instances <= cpus,
      ),
  },
  opt: {
    flag: '--opt <level>',
    help: 'graph optimisation',
    reads: oneOf('all', 'extended', 'basic', 'disabled'),
    vary: ({ opt = 'all' }) => (['extended', 'basic'] as const).filter((level) => level !== opt),
  },
  provider: { flag: '--provider <name>', help: 'execution provider: cpu, cuda, …', reads: anyText },
  spinning: {
    flag: '--no-spinning',
    help: 'engine threads sleep while they wait',
    reads: onOff,
    // One thread waits for nobody.
    vary: ({ spinning, threads }) => (spinning !== false && threads !== 1 ? [false] : []),
  },
  seed: { flag: '--seed <n>', help: 'seed of inputs', reads: shared },
}
