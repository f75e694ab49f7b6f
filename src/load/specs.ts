// Loads as one writes them in code: `closed({ concurrency: 4 })`, `poisson({ rate: 50 })`.
import type { LoadSpec } from './pacer.ts'

/** How it is carried; `threads` and `connections` are of servers. */
type Carried = Partial<Pick<LoadSpec, 'pacing' | 'threads' | 'connections'>>

/**
 * Closed loop: so many requests outstanding, the next is sent when one is done. `pacing: 'spin'` sees the answers of a
 * server at once, at the price of a core; a target in the process itself needs no waiting.
 */
export const closed = (options: { readonly concurrency?: number } & Carried = {}): Partial<LoadSpec> => ({
  mode: 'closed',
  concurrency: 1,
  ...options,
})

/** Open loop with equal gaps; `rate` in requests per second. */
export const constant = (options: { readonly rate: number } & Carried): Partial<LoadSpec> => ({
  mode: 'open',
  arrivals: 'constant',
  ...options,
})

/** Open loop with exponential gaps (a Poisson process); `rate` in requests per second. */
export const poisson = (options: { readonly rate: number } & Carried): Partial<LoadSpec> => ({
  mode: 'open',
  arrivals: 'poisson',
  ...options,
})
