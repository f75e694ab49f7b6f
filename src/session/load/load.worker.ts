// Hot path. The load thread of an async target: sends what is due, polls the event loop for answers in between. By default
// it sleeps between requests on a ticker thread's precise wake-ups; with `--pacing spin` it polls without pause.
import { parentPort, workerData } from 'node:worker_threads'
import { TailwattError, toErrorRecord } from '../../base/errors.ts'
import { clockSince } from '../../host/clock.ts'
import { createPacer } from '../../load/catalog.ts'
import type { RequestTimer } from '../../net/client.ts'
import { statusCode, statusNames } from '../../run/table.ts'
import { findTargetProvider } from '../../targets/catalog.ts'
import { outcomeFault, requireOutcome, targetFault } from '../../targets/module-fault.ts'
import type { AsyncTarget, Outcome } from '../../targets/target.ts'
import { Control } from './control.ts'
import type { FromThread, ThreadSettings } from './protocol.ts'
import { RingWriter } from './ring.ts'
import { compilePause, pauseBetweenTurns } from './spin-pause.ts'
import { ThreadAccount } from './thread-account.ts'
import { Ticker } from './ticker.ts'

const settings = workerData as ThreadSettings
const { target: spec, load, index, batch, epoch } = settings
const post = (message: FromThread): void => parentPort!.postMessage(message)
const now = clockSince(epoch)
const control = new Control(settings)
const ring = new RingWriter(settings.ring)
const account = new ThreadAccount(`load-${index}`, now, (event) => post({ kind: 'event', event }))
/** A request due within this is waited for by turn after turn. */
const closeNs = 20_000
/** Answers still missing when the load was stopped are waited for this long, ms. */
const drainMs = 2000

class Slot implements RequestTimer {
  id = 0
  scheduled = 0
  ready = 0
  started = 0
  firstAt = Number.NaN
  lastAt = Number.NaN
  /** When its last answer came. */
  free = 0
  busy = false

  sending(): void {
    this.started = now()
  }

  /** Told after the last byte when one reading brought both: they came at the same moment then. */
  first(): void {
    if (Number.isNaN(this.firstAt)) this.firstAt = Number.isNaN(this.lastAt) ? now() : this.lastAt
  }

  last(): void {
    this.lastAt = now()
  }
}

const failure = (error: unknown): Outcome => ({
  status: statusCode('error'),
  sizeIn: 0,
  sizeOut: 0,
  engine: Number.NaN,
  message: error instanceof Error ? error.message : String(error),
})

class Sender {
  readonly #target: AsyncTarget
  /** The longest idle first: a request waited for a slot only if even that one was busy when it was due. */
  readonly #idle: Slot[] = []
  readonly #slots: Slot[]
  readonly #pacer = createPacer(load)
  readonly #begin: number
  readonly #ended: () => void
  #wake: (() => void) | undefined
  #next: number | 'done'
  #sent = 0
  #stopped = false
  /** Requests sent and answers taken so far. */
  moves = 0

  constructor(target: AsyncTarget, begin: number, ended: () => void) {
    this.#target = target
    this.#begin = begin
    this.#ended = ended
    this.#slots = Array.from({ length: load.concurrency }, () => new Slot())
    for (const slot of this.#slots) slot.free = begin
    this.#idle.push(...this.#slots)
    this.#next = this.#pacer.next(0, 0)
  }

  get outstanding(): number {
    return this.#slots.length - this.#idle.length
  }

  /** Sends all that is due; gives the time of the next planned request, `undefined` when only answers can go on. */
  pump(): number | undefined {
    if (control.stopped) this.#stopped = true
    while (!this.#stopped && this.#next !== 'done' && this.#idle.length > 0) {
      const at = now()
      if (load.mode === 'open') {
        const scheduled = this.#begin + this.#next
        if (scheduled > at) return scheduled
        this.#send(this.#idle.shift()!, scheduled)
      } else {
        if (this.#pacer.next(at - this.#begin, this.#sent) === 'done') {
          this.#next = 'done'
          break
        }
        const slot = this.#idle.shift()!
        this.#send(slot, slot.free)
        continue
      }
      this.#next = this.#pacer.next(at - this.#begin, this.#sent)
    }
    if ((this.#stopped || this.#next === 'done') && this.outstanding === 0) this.#ended()
    return undefined
  }

  /** Called by an answer that freed a slot. */
  onFree(wake: () => void): void {
    this.#wake = wake
  }

  /** Rows of requests whose answer will not be waited for. */
  giveUp(): void {
    for (const slot of this.#slots)
      if (slot.busy) this.#record(slot, { status: statusCode('cancelled'), sizeIn: 0, sizeOut: 0, engine: Number.NaN })
  }

  #send(slot: Slot, scheduled: number): void {
    this.moves++
    slot.id = this.#sent++
    slot.scheduled = scheduled
    slot.ready = Math.max(scheduled, slot.free)
    slot.firstAt = Number.NaN
    slot.lastAt = Number.NaN
    slot.busy = true
    slot.started = now()
    const failed = (error: unknown): void => this.#done(slot, failure(error))
    try {
      this.#target.send({ id: slot.id, size: batch }, slot).then((outcome) => {
        const fault = outcomeFault(outcome)
        this.#done(slot, fault ? failure(fault) : outcome)
      }, failed)
    } catch (error) {
      // Not at once: its slot would be sent again from within this very call.
      setImmediate(failed, error)
    }
  }

  #done(slot: Slot, outcome: Outcome): void {
    if (!slot.busy) return
    this.moves++
    this.#record(slot, outcome)
    this.#idle.push(slot)
    this.#wake?.()
  }

  #record(slot: Slot, outcome: Outcome): void {
    const done = Number.isNaN(slot.lastAt) ? now() : slot.lastAt
    const { status } = outcome
    ring.put(
      slot.id,
      batch,
      slot.scheduled,
      slot.ready,
      slot.started,
      slot.firstAt,
      done,
      status,
      outcome.sizeIn,
      outcome.sizeOut,
      outcome.engine,
    )
    slot.busy = false
    slot.free = done
    if (status !== 0)
      account.error(
        status >= 100 ? `HTTP ${status}` : (statusNames[status] ?? `status ${status}`),
        outcome.message ?? '',
        slot.id,
      )
  }
}

async function open(): Promise<AsyncTarget> {
  const provider = await findTargetProvider(spec.kind)
  const opened = await provider.open(spec, index)
  if (opened.flow !== 'async') throw new TailwattError('bug', { message: `${spec.kind} is no async target` })
  const info = await opened.target.prepare()
  const before = now()
  const timer: RequestTimer = { sending: () => undefined, first: () => undefined, last: () => undefined }
  const outcome = requireOutcome(await opened.target.send({ id: 0, size: batch }, timer))
  const first_inference_ms = (now() - before) / 1e6
  // A server that answers with an error is measured as such; one that cannot be reached is not there.
  if (outcome.status !== 0 && outcome.status < 100)
    throw new TailwattError('target-failed', {
      message: outcome.message ?? statusNames[outcome.status] ?? 'no answer',
      remedy:
        outcome.status === statusCode('timeout')
          ? 'Check the server, or raise --timeout.'
          : 'Check that the server runs, and that the address is right.',
    })
  post({ kind: 'ready', facts: info.facts, cold: { ...info.timings, first_inference_ms } })
  return opened.target
}

function run(target: AsyncTarget): Promise<void> {
  return new Promise((resolve) => {
    // Spinning polls the event loop all the time: neither the next request nor an answer waits for a thread to wake up.
    const spin = load.pacing === 'spin'
    const ticker = spin || load.mode === 'closed' ? undefined : new Ticker(epoch)
    let over = false
    let stopping: NodeJS.Timeout | undefined
    const finish = (): void => {
      if (over) return
      over = true
      clearInterval(watch)
      clearTimeout(stopping)
      void ticker?.close()
      resolve()
    }
    const sender = new Sender(target, control.beginAt, finish)
    let turn = now()
    let moves = 0
    const step = (): void => {
      if (over) return
      const next = sender.pump()
      if (over) return
      if (spin) {
        setImmediate(step)
        // A turn of the loop without a request or an answer is spinning.
        const at = now()
        if (sender.moves === moves) {
          account.spinNs += at - turn
          if (next === undefined || next - at > closeNs) pauseBetweenTurns()
        }
        moves = sender.moves
        turn = at
      } else if (next !== undefined) ticker!.wakeAt(next, step)
    }
    sender.onFree(() => {
      // Several answers in one turn of the loop need one look only.
      if (!spin) step()
    })
    const watch = setInterval(() => {
      if (control.stopped && !stopping) {
        step()
        stopping = setTimeout(() => {
          sender.giveUp()
          finish()
        }, drainMs)
      }
    }, 20)
    step()
  })
}

try {
  const target = await open().catch((error: unknown) => {
    throw targetFault(spec.kind, error)
  })
  if (load.pacing === 'spin') compilePause()
  while (!control.begun && !control.stopped) await new Promise((resolve) => setTimeout(resolve, 2))
  account.begin()
  if (!control.stopped) {
    // Timers count whole milliseconds and come up to one early: what is sent then would be answered before it was planned.
    for (let wait = control.beginAt - now(); wait > 0; wait = control.beginAt - now())
      await new Promise((resolve) => setTimeout(resolve, wait / 1e6))
    await run(target)
  }
  account.end()
  await target.close()
  post({ kind: 'ended' })
} catch (error) {
  post({ kind: 'failed', error: toErrorRecord(error) })
}
