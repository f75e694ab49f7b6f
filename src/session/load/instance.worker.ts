// Hot path. One instance of a blocking target: takes the next id, sleeps until it is due, runs it, writes its row.
// Queue and batching follow from that: whoever is free takes what is due.
//
//   planned ──(all instances busy: queue wait)── ready ──(we are late: send delay)── started ──(service)── done
import { setImmediate as turn } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { TailwattError, toErrorRecord } from '../../base/errors.ts'
import { clockSince } from '../../host/clock.ts'
import { createPacer } from '../../load/catalog.ts'
import { stampCode, statusCode, statusNames } from '../../run/table.ts'
import { findTargetProvider } from '../../targets/catalog.ts'
import { requireOutcome, targetFault } from '../../targets/module-fault.ts'
import type { BlockingTarget, Outcome } from '../../targets/target.ts'
import { Control } from './control.ts'
import type { FromThread, ThreadSettings } from './protocol.ts'
import { RingWriter } from './ring.ts'
import { ThreadAccount } from './thread-account.ts'

const settings = workerData as ThreadSettings
const { target: spec, load, index, instances, batch, epoch } = settings
/** Whoever holds the thread sees the end when it is. */
const byUs = stampCode('user')
const post = (message: FromThread): void => parentPort!.postMessage(message)
const now = clockSince(epoch)
const control = new Control(settings)
const ring = new RingWriter(settings.ring)
const account = new ThreadAccount(`instance-${index}`, now, (event) => post({ kind: 'event', event }))

/**
 * Spinning before the planned time. With `spin`, longer than a sleep was ever seen to oversleep; else within a twentieth of
 * the gap between requests.
 */
const spinNs = load.pacing === 'spin' ? 2_000_000 : Math.min(100_000, 0.05 * (1e9 / (load.rate ?? 1e9)) * instances)
/** Behind the planned end a backlog is served this much longer, then given up. */
const graceNs = Math.max(1e9, 0.25 * (load.for ?? 0))
const yieldEveryNs = 100e6
/** How often a paused thread sees whether it is to stop. */
const pauseLookMs = 50

async function open(): Promise<BlockingTarget> {
  const provider = await findTargetProvider(spec.kind)
  const opened = await provider.open(spec, index)
  if (opened.flow !== 'blocking') throw new TailwattError('bug', { message: `${spec.kind} is no blocking target` })
  const info = await opened.target.prepare()
  const before = now()
  const outcome = requireOutcome(await opened.target.infer({ id: 0, size: batch }))
  const first_inference_ms = (now() - before) / 1e6
  if (outcome.status !== 0) throw firstFailure(outcome)
  post({ kind: 'ready', facts: info.facts, cold: { ...info.timings, first_inference_ms } })
  return opened.target
}

function firstFailure({ status, message = `status ${status}` }: Outcome): TailwattError {
  if (status === statusCode('out-of-memory')) return new TailwattError('out-of-memory', { message })
  const remedy = 'Run it once without tailwatt; for a model, check --shape and --batch.'
  return new TailwattError('target-failed', { message: `the first inference failed: ${message}`, remedy })
}

function sleepUntil(planned: number): void {
  for (;;) {
    const left = planned - now()
    if (left <= spinNs || control.stopped) break
    control.sleep((left - spinNs) / 1e6)
  }
  const from = now()
  let at = from
  while (at < planned && !control.stopped) at = now()
  account.spinNs += at - from
}

/**
 * Closed loop with more requests outstanding than instances: due when the slot became free, which is the completion as many
 * ids ago as are outstanding. A thread held up so long that this is not kept any more takes its own last.
 */
const slotFree = (id: number, begin: number, free: number): number =>
  id < load.concurrency ? begin : (control.completion(id - load.concurrency) ?? free)

async function run(target: BlockingTarget): Promise<void> {
  const pacer = createPacer(load)
  const begin = control.beginAt
  const open = load.mode === 'open'
  // Else each instance is the one slot that it serves.
  const queued = load.concurrency > instances
  const lastMoment = load.for === undefined ? Number.POSITIVE_INFINITY : begin + load.for + graceNs
  let free = begin
  let yielded = begin
  const failed: Outcome = { status: 0, sizeIn: 0, sizeOut: 0, engine: Number.NaN }
  sleepUntil(begin)
  while (!control.stopped) {
    if (control.paused) {
      control.sleepPaused(pauseLookMs)
      await turn()
      free = now()
      continue
    }
    const id = control.nextRequest()
    const planned = pacer.next(now() - begin, id)
    if (planned === 'done') break
    const scheduled = open ? begin + planned : queued ? slotFree(id, begin, free) : free
    if (open) {
      if (scheduled > now() + spinNs) {
        // Idle time is the time to let the thread's own events out.
        if (now() - yielded > yieldEveryNs && scheduled - now() > 1e6) {
          await turn()
          yielded = now()
        }
      }
      sleepUntil(scheduled)
      if (control.stopped) break
    }
    // As few steps as can be between the planned time and this one.
    const started = now()
    if (started > lastMoment) break
    const ready = Math.max(scheduled, free)
    let outcome: Outcome
    try {
      const answer = target.infer({ id, size: batch })
      outcome = requireOutcome(answer instanceof Promise ? await answer : answer)
    } catch (error) {
      outcome = failed
      outcome.status = statusCode('error')
      outcome.message = error instanceof Error ? error.message : String(error)
    }
    const done = now()
    const { status } = outcome
    ring.put(
      id,
      batch,
      scheduled,
      ready,
      started,
      Number.NaN,
      done,
      done,
      byUs,
      status,
      outcome.sizeIn,
      outcome.sizeOut,
      outcome.engine,
    )
    if (status !== 0) account.error(statusNames[status] ?? `status ${status}`, outcome.message ?? '', id)
    if (!open && queued) control.complete(done)
    free = done
    if (done - yielded > yieldEveryNs) {
      await turn()
      yielded = now()
    }
  }
}

try {
  const target = await open().catch((error: unknown) => {
    throw targetFault(spec.kind, error)
  })
  while (!control.begun && !control.stopped) {
    control.waitForBegin(20)
    await turn()
  }
  account.begin()
  if (!control.stopped && index < load.concurrency) await run(target)
  account.end()
  await target.close()
  post({ kind: 'ended' })
} catch (error) {
  post({ kind: 'failed', error: toErrorRecord(error) })
}
