// Targets as one writes them in code. Each gives a cloneable spec; nothing is opened here.
import type { TargetSpec } from './target.ts'

export interface OnnxOptions {
  /** Intra-op threads of one engine session; the engine's default when left out. */
  readonly threads?: number
  /** Samples in one request. */
  readonly batch?: number
  readonly opt?: 'all' | 'extended' | 'basic' | 'disabled'
  /** Execution provider, e.g. `cpu`, `cuda`. */
  readonly provider?: string
  /** Dimensions of inputs with symbolic ones: `{ ids: [1, 128] }`. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>
  /** False switches off the busy waiting of the engine's threads. */
  readonly spinning?: boolean
  readonly seed?: number
}

/** An ONNX model file, or `zoo:<name>`, on ONNX Runtime. */
export const onnx = (path: string, options: OnnxOptions = {}): TargetSpec => ({
  kind: 'onnx',
  options: { path, ...options },
})

export interface HttpOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Text of the body; may hold template fields. */
  readonly body?: string
  /** File the body is read from. */
  readonly bodyFile?: string
  readonly timeoutMs?: number
}

/** An HTTP endpoint; success is a 2xx status. */
export const http = (url: string, options: HttpOptions = {}): TargetSpec => ({
  kind: 'http',
  options: { url, ...options },
})

/** A module that exports `provider` (a `TargetProvider`), by file URL or absolute path. */
export const module = (path: string, options: Readonly<Record<string, unknown>> = {}): TargetSpec => ({
  kind: path,
  options,
})
