// What an ONNX target takes. Nothing of the engine or of the model's format is loaded here.
import type { TargetSpec } from '../target.ts'

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
