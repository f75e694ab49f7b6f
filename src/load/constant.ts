// Open loop with equal gaps: request i is planned at i / rate, computed from its number so that no error adds up.
import type { LoadSpec, Pacer } from './pacer.ts'

export function constantPacer(spec: LoadSpec): Pacer {
  const gap = 1e9 / spec.rate!
  const end = spec.for ?? Infinity
  const requests = spec.requests ?? Infinity
  return {
    next: (_, sent) => {
      const planned = sent * gap
      return sent >= requests || planned >= end ? 'done' : planned
    },
  }
}
