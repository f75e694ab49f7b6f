// From the description of a load to its pacer.
import { closedPacer } from './closed.ts'
import { constantPacer } from './constant.ts'
import type { LoadSpec, Pacer } from './pacer.ts'
import { poissonPacer } from './poisson.ts'

/** Every call gives a fresh pacer that says the same times: threads can each have one. */
export function createPacer(spec: LoadSpec): Pacer {
  if (spec.mode === 'closed') return closedPacer(spec)
  return spec.arrivals === 'poisson' ? poissonPacer(spec) : constantPacer(spec)
}
