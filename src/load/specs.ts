// Loads as one writes them in code: `closed({ concurrency: 4 })`, `poisson({ rate: 50 })`.
import type { LoadSpec } from './pacer.ts'

/** Closed loop: so many requests outstanding, the next is sent when one is done. */
export const closed = (options: { readonly concurrency?: number } = {}): Partial<LoadSpec> => ({
  mode: 'closed',
  concurrency: options.concurrency ?? 1,
})

/** Open loop with equal gaps; `rate` in requests per second. */
export const constant = (options: {
  readonly rate: number
  readonly pacing?: 'sleep' | 'spin'
}): Partial<LoadSpec> => ({
  mode: 'open',
  arrivals: 'constant',
  ...options,
})

/** Open loop with exponential gaps (a Poisson process); `rate` in requests per second. */
export const poisson = (options: { readonly rate: number; readonly pacing?: 'sleep' | 'spin' }): Partial<LoadSpec> => ({
  mode: 'open',
  arrivals: 'poisson',
  ...options,
})
