// What carries a load thread's requests: the connections to a server, or a target of the user's that answers for itself. The
// sender knows nothing of which.
import { openClient } from '../../net/open-client.ts'
import { TailwattError } from '../../base/errors.ts'
import type { AnswerReader, Burst, Client, ClientCounts } from '../../net/client.ts'
import { statusCode } from '../../run/table.ts'
import type { AsyncTarget, Outcome, TargetInfo, WireTarget } from '../../targets/target.ts'
import { outcomeFault } from '../../targets/module-fault.ts'
import { LoopWait } from '../../net/loop-wait.ts'
import type { ClientFacts } from '../../run/manifest.ts'
import type { Slot } from './slot.ts'

export interface Carrier {
  /** How it is carried, where that is ours. */
  readonly client: ClientFacts | undefined
  /** What it counted, where it counts. */
  readonly counts: (Readonly<ClientCounts> & { readonly connections: number }) | undefined
  readonly burst: Burst
  prepare(): Promise<TargetInfo>
  /** Opens connections ahead, where there are any. */
  open(connections: number): Promise<void>
  /** Fills the slot's moments and calls its `ended`. */
  send(slot: Slot): void
  /** Sends it again where the failure is one of the client and not of the server; false where it is not. */
  resend(slot: Slot): boolean
  /** What came of a slot that ended; valid until the next is asked for. */
  outcome(slot: Slot): Outcome
  /** Takes the answers that are there; waits for one until `until` at the latest. */
  poll(until: number): void | Promise<void>
  close(): Promise<void>
}

/** Of a load thread. */
export interface CarrierOptions {
  /** ns on the run's clock. */
  readonly now: () => number
  readonly epoch: bigint
  readonly spin: boolean
  readonly batch: number
}

/** @throws TailwattError `target-failed` for a name without an address */
export async function wireCarrier(target: WireTarget, options: CarrierOptions): Promise<Carrier> {
  const { endpoint, timeoutMs } = target
  const reader = (): AnswerReader => target.reader()
  const opening = openClient(endpoint, { ...options, reader, timeoutNs: timeoutMs * 1e6 })
  const client = await opening.catch((error: unknown) => {
    const message = `${endpoint.host} has no address (${error instanceof Error ? error.message : String(error)})`
    throw new TailwattError('target-failed', { message, remedy: 'Check that the address is right.' }, { cause: error })
  })
  return new WireCarrier(target, client, options)
}

class WireCarrier implements Carrier {
  readonly client: ClientFacts
  readonly burst: Burst
  readonly #target: WireTarget
  readonly #client: Client
  readonly #batch: number
  readonly #outcome: Outcome = { status: 0, sizeIn: 0, sizeOut: 0, engine: Number.NaN }

  constructor(target: WireTarget, client: Client, { batch }: CarrierOptions) {
    this.#target = target
    this.#client = client
    this.#batch = batch
    this.burst = client.burst
    const { stamps, unstamped } = client
    this.client = { stamps, ...(unstamped === undefined ? {} : { reason: unstamped }) }
  }

  async prepare(): Promise<TargetInfo> {
    return { facts: {}, timings: { load_ms: 0, session_ms: 0 } }
  }

  open(connections: number): Promise<void> {
    return this.#client.open(connections)
  }

  send(slot: Slot): void {
    const { bytes, bodyBytes } = this.#target.encode({ id: slot.id, size: this.#batch })
    slot.bytes = bytes
    slot.sizeIn = bodyBytes
    this.#client.send(slot)
  }

  resend(slot: Slot): boolean {
    if (!slot.failure?.unseen || !this.#target.resends) return false
    this.#client.send(slot, true)
    return true
  }

  get counts(): Readonly<ClientCounts> & { readonly connections: number } {
    return { ...this.#client.counts, connections: this.#client.connections }
  }

  outcome({ failure, status, bodyBytes, sizeIn }: Slot): Outcome {
    const outcome = this.#outcome
    outcome.sizeIn = sizeIn
    outcome.sizeOut = failure ? 0 : bodyBytes
    if (failure) {
      const { status: code, message } = this.#target.failed(failure)
      outcome.status = code
      outcome.message = message
    } else {
      const ok = this.#target.succeeded(status)
      outcome.status = ok ? 0 : status
      outcome.message = ok ? '' : `HTTP ${status}`
    }
    return outcome
  }

  poll(until: number): void | Promise<void> {
    return this.#client.poll(until)
  }

  async close(): Promise<void> {
    this.#client.close()
  }
}

/** A target that answers for itself marks its moments through the slot. */
export class TargetCarrier implements Carrier {
  readonly client: undefined
  readonly counts: undefined
  readonly burst: Burst = { open: Number.POSITIVE_INFINITY, closed: Number.POSITIVE_INFINITY }
  readonly #target: AsyncTarget
  readonly #options: CarrierOptions
  readonly #wait: LoopWait

  constructor(target: AsyncTarget, options: CarrierOptions) {
    this.#target = target
    this.#options = options
    this.#wait = new LoopWait(options.now, options.epoch, options.spin)
  }

  prepare(): Promise<TargetInfo> {
    return this.#target.prepare()
  }

  async open(): Promise<void> {
    // It opens what it needs.
  }

  send(slot: Slot): void {
    const { now, batch } = this.#options
    const { turn } = slot
    slot.begin(now())
    const ended = (outcome: Outcome): void => {
      // Given up meanwhile, and perhaps sent again.
      if (slot.turn !== turn) return
      const fault = outcomeFault(outcome)
      slot.answer = fault ? failure(fault) : outcome
      slot.end(now())
      this.#wait.ended()
    }
    const failed = (error: unknown): void => ended(failure(error))
    try {
      this.#target.send({ id: slot.id, size: batch }, slot.timer(now)).then(ended, failed)
    } catch (error) {
      // Not at once: its slot would be sent again from within this very call.
      setImmediate(failed, error)
    }
  }

  resend(): boolean {
    return false
  }

  outcome(slot: Slot): Outcome {
    return slot.answer!
  }

  poll(until: number): Promise<void> {
    return this.#wait.until(until)
  }

  async close(): Promise<void> {
    await this.#wait.close()
    await this.#target.close()
  }
}

const failure = (error: unknown): Outcome => ({
  status: statusCode('error'),
  sizeIn: 0,
  sizeOut: 0,
  engine: Number.NaN,
  message: error instanceof Error ? error.message : String(error),
})
