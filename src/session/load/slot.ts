// Hot path. One of the requests that may be outstanding at a time, used again for the next; the moments of its request, ns on
// the run's clock.
import type { Outcome } from '../../targets/target.ts'
import type { Exchange, Failure, RequestTimer, StampedBy } from '../../net/client.ts'

const nothing = new Uint8Array()

export class Slot implements Exchange {
  readonly #onEnd: (slot: Slot) => void
  id = 0
  scheduled = 0
  ready = 0
  /** When the answer before was seen: it is free since. */
  free = 0
  busy = false
  resent = false
  /** Counts its requests, so that a late answer to one given up is not taken for the next one's. */
  turn = 0
  bytes: Uint8Array = nothing
  sizeIn = 0
  started: number = Number.NaN
  sending = 0
  first: number = Number.NaN
  done: number = Number.NaN
  seen: number = Number.NaN
  stampedBy: StampedBy = 'user'
  status = 0
  bodyBytes = 0
  failure: Failure | undefined
  /** Of a target that answers for itself. */
  answer: Outcome | undefined

  constructor(onEnd: (slot: Slot) => void) {
    this.#onEnd = onEnd
  }

  ended(): void {
    this.#onEnd(this)
  }

  /** For a target that answers for itself: sent now, unless it says otherwise. */
  begin(at: number): void {
    this.started = at
    this.first = this.done = this.seen = Number.NaN
    this.stampedBy = 'user'
    this.failure = undefined
  }

  /** Answered now, unless it said otherwise. */
  end(at: number): void {
    if (Number.isNaN(this.done)) this.done = at
    this.seen = at
    this.ended()
  }

  timer(now: () => number): RequestTimer {
    const { turn } = this
    const own = (mark: () => void) => (): void => {
      if (this.turn === turn) mark()
    }
    return {
      sending: own(() => (this.started = now())),
      // Told after the last byte when one reading brought both: they came at the same moment then.
      first: own(() => {
        if (Number.isNaN(this.first)) this.first = Number.isNaN(this.done) ? now() : this.done
      }),
      last: own(() => (this.done = now())),
    }
  }
}
