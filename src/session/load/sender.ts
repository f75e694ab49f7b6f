// Hot path. Sends what is due on the slots that are free, and writes a row for each answer.
import type { LoadSpec } from '../../load/pacer.ts'
import { createPacer } from '../../load/catalog.ts'
import { stampCode, statusCode, statusNames } from '../../run/table.ts'
import type { Outcome } from '../../targets/target.ts'
import type { Carrier } from './carrier.ts'
import type { RingWriter } from './ring.ts'
import { Slot } from './slot.ts'
import type { ThreadAccount } from './thread-account.ts'

export interface SenderOptions {
  readonly carrier: Carrier
  readonly load: LoadSpec
  /** Of how many load threads this is which. */
  readonly threads: number
  readonly index: number
  /** Closed loop: the number of the next request, whichever thread sends it. */
  readonly nextId: () => number
  readonly batch: number
  /** When the load begins, ns on the run's clock. */
  readonly begin: number
  readonly now: () => number
  readonly ring: RingWriter
  readonly account: ThreadAccount
}

/** A request is sent at a moment that is known to this, ns; the others are counted. */
const slowSend = 50_000
const stamps = { user: stampCode('user'), kernel: stampCode('kernel'), bound: stampCode('bound') } as const

export class Sender {
  readonly #options: SenderOptions
  /** The longest idle first: a request waited for a slot only if even that one was busy when it was due. */
  readonly #idle: Slot[]
  readonly #slots: readonly Slot[]
  readonly #pacer: ReturnType<typeof createPacer>
  #next: number | 'done'
  /** Open loop: of its next request. Each thread has every so many-th, so that the arrivals of all together are those of the whole load. */
  #id: number
  #stopped = false
  /** Requests sent and answers taken so far. */
  moves = 0
  /** Sent again: see `Carrier.resend`. */
  resent = 0
  /** Requests that the system took its time to take. */
  slowSends = 0

  constructor(options: SenderOptions) {
    const { load, begin, threads, index } = options
    this.#id = index
    this.#options = options
    this.#pacer = createPacer(load)
    const ended = (slot: Slot): void => this.#ended(slot)
    this.#slots = Array.from({ length: partOf(load.concurrency, threads, index) }, () => new Slot(ended))
    for (const slot of this.#slots) slot.free = begin
    this.#idle = [...this.#slots]
    this.#next = this.#pacer.next(0, index)
  }

  /** Whether nothing is to be sent any more, nor to be waited for. */
  get over(): boolean {
    return (this.#stopped || this.#next === 'done') && this.#idle.length === this.#slots.length
  }

  stop(): void {
    this.#stopped = true
  }

  /** Sends what is due, at most the carrier's burst; gives when it is to be called again at the latest. */
  pump(): number {
    return this.#options.load.mode === 'open' ? this.#pumpOpen() : this.#pumpClosed()
  }

  get #can(): boolean {
    return !this.#stopped && this.#next !== 'done' && this.#idle.length > 0
  }

  #pumpOpen(): number {
    const { begin, now, carrier, threads } = this.#options
    for (let left = carrier.burst.open; this.#can; left--) {
      const at = now()
      const scheduled = begin + (this.#next as number)
      if (scheduled > at) return scheduled
      if (left <= 0) return at
      const id = this.#id
      this.#id += threads
      this.#send(id, scheduled)
      this.#next = this.#pacer.next(at - begin, this.#id)
    }
    return Number.POSITIVE_INFINITY
  }

  #pumpClosed(): number {
    const { begin, now, carrier, nextId } = this.#options
    for (let left = carrier.burst.closed; this.#can; left--) {
      const at = now()
      if (left <= 0) return at
      // Once the time is over no number is taken: nobody would send that request.
      const over = this.#pacer.next(at - begin, 0) === 'done'
      const id = over ? 0 : nextId()
      if (over || this.#pacer.next(at - begin, id) === 'done') this.#next = 'done'
      else this.#send(id, undefined)
    }
    return Number.POSITIVE_INFINITY
  }

  /** Rows of requests whose answer will not be waited for. */
  giveUp(): void {
    const at = this.#options.now()
    for (const slot of this.#slots) {
      if (!slot.busy) continue
      if (Number.isNaN(slot.started)) slot.started = at
      slot.done = slot.seen = at
      slot.first = Number.NaN
      this.#record(slot, { status: statusCode('cancelled'), sizeIn: 0, sizeOut: 0, engine: Number.NaN })
      this.#idle.push(slot)
    }
  }

  /** @param scheduled left out: when the slot became free */
  #send(id: number, scheduled: number | undefined): void {
    const slot = this.#idle.shift()!
    this.moves++
    slot.id = id
    slot.turn++
    slot.scheduled = scheduled ?? slot.free
    slot.ready = Math.max(slot.scheduled, slot.free)
    slot.busy = true
    slot.resent = false
    this.#options.carrier.send(slot)
  }

  #ended(slot: Slot): void {
    if (!slot.busy) return
    this.moves++
    if (slot.sending > slowSend) this.slowSends++
    if (!slot.resent && slot.failure && this.#options.carrier.resend(slot)) {
      slot.resent = true
      this.resent++
      return
    }
    this.#record(slot, this.#options.carrier.outcome(slot))
    this.#idle.push(slot)
  }

  #record(slot: Slot, { status, sizeIn, sizeOut, engine, message }: Outcome): void {
    const { ring, batch, account } = this.#options
    ring.put(
      slot.id,
      batch,
      slot.scheduled,
      slot.ready,
      slot.started,
      slot.first,
      slot.done,
      slot.seen,
      stamps[slot.stampedBy],
      status,
      sizeIn,
      sizeOut,
      engine,
    )
    slot.busy = false
    slot.turn++
    slot.free = slot.seen
    if (status !== 0) account.error(nameOf(status), message ?? '', slot.id)
  }
}

/** What one of several threads has of a whole number of things. */
export const partOf = (whole: number, threads: number, index: number): number =>
  Math.floor((whole + threads - 1 - index) / threads)

const nameOf = (status: number): string =>
  status >= 100 ? `HTTP ${status}` : (statusNames[status] ?? `status ${status}`)
