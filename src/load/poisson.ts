// Open loop with exponential gaps: a Poisson process, drawn anew in the same way from the same seed.
import { Random } from '../base/random.ts'
import type { LoadSpec, Pacer } from './pacer.ts'

export function poissonPacer(spec: LoadSpec): Pacer {
  const random = new Random(spec.seed)
  const gap = 1e9 / spec.rate!
  const end = spec.for ?? Infinity
  const requests = spec.requests ?? Infinity
  let planned = 0
  let drawn = 0
  return {
    next: (_, sent) => {
      for (; drawn <= sent; drawn++) planned += gap * random.exponential()
      return sent >= requests || planned >= end ? 'done' : planned
    },
  }
}
