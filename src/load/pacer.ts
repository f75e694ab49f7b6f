// When to send: pure arithmetic over elapsed time, no clock inside.
import type { Nanos } from '../units/quantity.ts'

export interface Pacer {
  /** The next planned send time in ns since the load began, or 'done'. `sent` is how many were planned so far. */
  next(elapsed: Nanos, sent: number): Nanos | 'done'
}

/** Cloneable description of a load; the load host builds the pacer (or the schedule in shared memory) from it. */
export interface LoadSpec {
  readonly mode: 'closed' | 'open'
  /** Closed: requests outstanding. Open: limit of outstanding requests of an async target. */
  readonly concurrency: number
  /** Requests per second; open loop only. */
  readonly rate?: number
  readonly arrivals?: 'constant' | 'poisson'
  readonly seed: number
  readonly pacing: 'sleep' | 'spin'
  /** Threads that carry it; of a target that blocks its thread the instances do. Default 1. */
  readonly threads?: number
  /** Connections to open before it begins. Default: closed loop, one a request; open loop, as many as the first answer's time asks for. */
  readonly connections?: number
  /** Stop after this long (ns) … */
  readonly for?: number
  /** … or after this many requests, whichever is first. */
  readonly requests?: number
}
