// Closed loop: a request is due as soon as a slot is free, until time or count is up.
import type { LoadSpec, Pacer } from './pacer.ts'

export const closedPacer = (spec: LoadSpec): Pacer => ({
  next: (elapsed, sent) =>
    sent >= (spec.requests ?? Infinity) || elapsed >= (spec.for ?? Infinity) ? 'done' : elapsed,
})
