// What is asked of the probing process, what its threads share, and what comes back. All of it is cloneable.
import type { ErrorRecord } from '../base/errors.ts'

/** A loop of `kernels.ts` and what its rates count. */
export const loops = ['multiplyAdd', 'chain', 'read', 'copy', 'triad'] as const
export type Loop = (typeof loops)[number]

export interface ProbeSettings {
  readonly threads: number
  /** Of each of three arrays: for one thread alone, and a thread's part where all run. */
  readonly arrayBytes: { readonly alone: number; readonly part: number }
  readonly burstMs: number
  readonly bursts: number
  /** Not measured where it is left out. */
  readonly engine?: {
    /** For the models; the caller's to remove. */
    readonly folder: string
    readonly matmul: MatMulSize
    readonly conv: ConvSize
  }
}

/** A chain of square matrix products. */
export interface MatMulSize {
  readonly width: number
  readonly depth: number
}

/** A chain of 3 × 3 convolutions of as many channels out as in. */
export interface ConvSize {
  readonly images: number
  readonly channels: number
  readonly pixels: number
  readonly depth: number
}

export interface LoopRates {
  readonly loop: Loop
  readonly threads: number
  /** A burst each: FLOP/s, cycles a second of one thread, or bytes a second. */
  readonly rates: readonly number[]
  /** In every burst other programs had the CPU for a part of it. */
  readonly disturbed: boolean
}

export interface EngineRates {
  readonly model: 'MatMul' | 'Conv'
  /** Exact, of one run. */
  readonly flops: number
  /** FLOP/s of each burst. */
  readonly rates: readonly number[]
  readonly disturbed: boolean
}

export interface ProbeResult {
  readonly fused: boolean
  readonly loops: readonly LoopRates[]
  readonly engine: readonly EngineRates[]
  /** What could not be measured, and why. */
  readonly failures: readonly { readonly what: 'loops' | 'engine'; readonly error: ErrorRecord }[]
}

export interface Step {
  readonly loop: Loop
  readonly threads: number
}

/** In order; every thread of the probe goes through all of them. */
export const stepsOf = ({ threads }: ProbeSettings): readonly Step[] =>
  loops.flatMap((loop) => (threads === 1 ? [1] : [1, threads]).map((count) => ({ loop, threads: count })))

/** Bytes of each loop for a byte of one array, as STREAM counts them: stores without the line they fetch. */
export const streams = { read: 1, copy: 2, triad: 3 } as const
