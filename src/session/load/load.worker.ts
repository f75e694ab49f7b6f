// Hot path. The load thread of a server or an async target: sends what is due and takes the answers in between. By default it
// sleeps until the next request or answer; with `--pacing spin` it looks for both without pause.
import { setImmediate as turn } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { TailwattError, toErrorRecord } from '../../base/errors.ts'
import { clockSince } from '../../host/clock.ts'
import { compilePause } from '../../net/spin-pause.ts'
import { statusCode, statusNames } from '../../run/table.ts'
import { findTargetProvider } from '../../targets/catalog.ts'
import { targetFault } from '../../targets/module-fault.ts'
import type { Outcome } from '../../targets/target.ts'
import { TargetCarrier, wireCarrier, type Carrier, type CarrierOptions } from './carrier.ts'
import { Control } from './control.ts'
import type { FromThread, ThreadSettings } from './protocol.ts'
import { RingWriter } from './ring.ts'
import { partOf, Sender } from './sender.ts'
import { Slot } from './slot.ts'
import { ThreadAccount } from './thread-account.ts'

const settings = workerData as ThreadSettings
const { target: spec, load, index, batch, epoch } = settings
const { threads = 1 } = load
const post = (message: FromThread): void => parentPort!.postMessage(message)
const now = clockSince(epoch)
const control = new Control(settings)
const ring = new RingWriter(settings.ring)
const account = new ThreadAccount(`load-${index}`, now, (event) => post({ kind: 'event', event }))
/** Spinning polls the carrier all the time: neither the next request nor an answer waits for a thread to wake up. */
const spin = load.pacing === 'spin'
/** The thread's own events get a turn of its loop this often at least, and whether it is to stop is looked at. */
const lookNs = 50e6
/** The same before the load, when nothing has to be sent in time. */
const firstWait = 5e6
/** So many are opened without asking twice how long an answer takes. */
const fewConnections = 64
/** Answers still missing when the load was stopped are waited for this long, ns. */
const drainNs = 2e9

async function open(): Promise<Carrier> {
  const provider = await findTargetProvider(spec.kind)
  const opened = await provider.open(spec, index)
  const options: CarrierOptions = { now, epoch, spin, batch }
  if (opened.flow === 'blocking')
    throw new TailwattError('bug', { message: `${spec.kind} is neither a server nor an async target` })
  const carrier =
    opened.flow === 'wire' ? await wireCarrier(opened.target, options) : new TargetCarrier(opened.target, options)
  const info = await carrier.prepare()
  const before = now()
  const outcome = await once(carrier)
  const first_inference_ms = (now() - before) / 1e6
  // A server that answers with an error is measured as such; one that cannot be reached is not there.
  if (outcome.status !== 0 && outcome.status < 100)
    throw new TailwattError('target-failed', {
      message: outcome.message || (statusNames[outcome.status] ?? 'no answer'),
      remedy:
        outcome.status === statusCode('timeout')
          ? 'Check the server, or raise --timeout.'
          : 'Check that the server runs, and that the address is right.',
    })
  let connections = connectionsFor(first_inference_ms)
  if (carrier.client && load.mode === 'open' && load.connections === undefined && connections > fewConnections) {
    // The first answer may have been a cold one.
    const from = now()
    if ((await once(carrier)).status === 0) connections = Math.min(connections, connectionsFor((now() - from) / 1e6))
  }
  await carrier.open(partOf(connections, threads, index))
  const facts = carrier.client ? { ...info.facts, client: carrier.client } : info.facts
  post({ kind: 'ready', facts, cold: { ...info.timings, first_inference_ms } })
  return carrier
}

/** In open loop nobody knows how many it takes; those that are missing are opened as they are. */
function connectionsFor(answerMs: number): number {
  const { mode, concurrency, rate, connections } = load
  if (connections !== undefined) return Math.min(connections, concurrency)
  return mode === 'closed' ? concurrency : Math.min(concurrency, Math.ceil(2 * (rate! / 1e3) * answerMs) + 8)
}

/** The first request, which is not of the load. */
async function once(carrier: Carrier): Promise<Outcome> {
  const ended: Slot[] = []
  carrier.send(new Slot((slot) => ended.push(slot)))
  while (ended.length === 0) {
    await carrier.poll(now() + firstWait)
    await turn()
  }
  return carrier.outcome(ended[0]!)
}

async function run(carrier: Carrier): Promise<void> {
  const sender = new Sender({
    carrier,
    load,
    threads,
    index,
    nextId: () => control.nextRequest(),
    batch,
    begin: control.beginAt,
    now,
    ring,
    account,
  })
  let giveUpAt = Number.POSITIVE_INFINITY
  let turned = now()
  for (;;) {
    if (control.stopped && giveUpAt === Number.POSITIVE_INFINITY) {
      sender.stop()
      giveUpAt = now() + drainNs
    }
    const due = sender.pump()
    if (sender.over) return tell(carrier, sender)
    const before = now()
    if (before > giveUpAt) {
      sender.giveUp()
      return tell(carrier, sender)
    }
    const { moves } = sender
    const polled = carrier.poll(spin ? before : Math.min(due, before + lookNs))
    if (polled) await polled
    const after = now()
    // A look without a request or an answer is spinning.
    if (spin && sender.moves === moves) account.spinNs += after - before
    if (!polled && after - turned > lookNs) {
      await turn()
      turned = now()
    }
  }
}

/** What the client had to do besides sending. */
function tell({ counts }: Carrier, { resent, slowSends }: Sender): void {
  if (!counts) return
  const { connections, openedLate, slowestOpening, clockSteps } = counts
  post({
    kind: 'event',
    event: {
      t: now(),
      kind: 'client_usage',
      data: {
        thread: `load-${index}`,
        connections,
        opened_late: openedLate,
        slowest_opening_ms: slowestOpening / 1e6,
        resent,
        slow_sends: slowSends,
        clock_steps: clockSteps,
      },
    },
  })
}

try {
  const carrier = await open().catch((error: unknown) => {
    throw targetFault(spec.kind, error)
  })
  if (spin) compilePause()
  while (!control.begun && !control.stopped) await new Promise((resolve) => setTimeout(resolve, 2))
  account.begin()
  if (!control.stopped) {
    // Timers count whole milliseconds and come up to one early: what is sent then would be answered before it was planned.
    for (let wait = control.beginAt - now(); wait > 0; wait = control.beginAt - now())
      await new Promise((resolve) => setTimeout(resolve, wait / 1e6))
    await run(carrier)
  }
  account.end()
  await carrier.close()
  post({ kind: 'ended' })
} catch (error) {
  post({ kind: 'failed', error: toErrorRecord(error) })
}
