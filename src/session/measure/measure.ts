// The measuring itself, once the store and the sensors are open: cold starts, then the load until something says stop
// (time, count, percentile known, abort, failure). Owns the load host; leaves storing to the recorder.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { TailwattError } from '../../base/errors.ts'
import { SlaWatch } from '../../analysis/sla/sla-watch.ts'
import { UntilWatch } from '../../analysis/sla/until.ts'
import { isEndSignal } from '../../host/signals.ts'
import type { Occurrence } from '../../run/event.ts'
import type { TargetFacts } from '../../run/manifest.ts'
import { runBreachCommand, type BreachCommand } from './breach.ts'
import { coldEvent, coldTrial, endHost } from '../load/cold-start.ts'
import { startLoadHost, type LoadHost, type LoadHostOptions } from '../load/load-host.ts'
import type { Plan } from '../plan.ts'
import type { MeasureContext } from './measure-context.ts'
import type { RunRecorder } from './recorder.ts'
import { Rest } from './idle-phases.ts'

/** How often the stop conditions and the watched rules are looked at. */
const tickMs = 200

export interface Measurement {
  readonly state: 'complete' | 'interrupted' | 'failed'
  readonly failure?: TailwattError
  /** What the engine said about itself; empty when it never came up. */
  readonly facts: Partial<TargetFacts>
  /** The load's first and last moment, ns since the epoch. */
  readonly from: number
  readonly to: number
}

export async function measure(context: MeasureContext): Promise<Measurement> {
  const { options, plan, recorder, sensing, epoch } = context
  const now = (): number => Number(process.hrtime.bigint() - epoch)
  const event = (e: Occurrence): void => recorder.event(e)
  const clock = setInterval(() => event(clockEvent(now())), 1000)
  event(clockEvent(now()))
  const hostOptions: LoadHostOptions = {
    target: options.target,
    load: plan.load,
    instances: plan.instances,
    batch: plan.batch,
    epoch,
    flow: context.flow,
    ...(options.keepBody ? { keepBody: true } : {}),
    onRequests: (chunk) => recorder.requests(chunk),
    onEvent: event,
  }
  let facts: Partial<TargetFacts> = {}
  let from = now()
  const rest = new Rest(context, now)
  try {
    await rest.before()
    for (let trial = 1; trial < plan.cold; trial++) {
      if (options.signal?.aborted) return { state: 'interrupted', facts, from, to: now() }
      options.onProgress?.({
        stage: 'cold-start',
        folder: context.folder,
        message: `${trial} of ${plan.cold}`,
        elapsed_s: 0,
        sent: 0,
        failed: 0,
      })
      const times = await coldTrial(
        { ...hostOptions, onRequests: () => undefined, onEvent: () => undefined },
        options.signal,
      )
      event(coldEvent(trial, now(), times))
    }
    if (options.signal?.aborted) return { state: 'interrupted', facts, from, to: now() }
    const host = startLoadHost(hostOptions)
    const abortStart = (): void => host.kill()
    options.signal?.addEventListener('abort', abortStart, { once: true })
    const ready = await host.ready.catch(async (error: unknown) => {
      await endHost(host)
      throw error
    })
    options.signal?.removeEventListener('abort', abortStart)
    facts = ready.facts
    event(coldEvent(plan.cold, now(), ready.cold))
    sensing.watch(host.pid)
    from = now()
    event({ t: from, kind: 'phase', data: { name: 'load', edge: 'begin' } })
    const state = await runLoad(context, host, now)
    from = recorder.firstPlanned ?? from
    const to = Math.max(recorder.lastDone, from)
    event({ t: to, kind: 'phase', data: { name: 'load', edge: 'end' } })
    if (state.state === 'complete') await rest.after()
    return { ...state, facts, from, to }
  } catch (error) {
    if (error instanceof TailwattError && error.code === 'target-crashed') await groupSignal(options.signal)
    if (options.signal?.aborted) return { state: 'interrupted', facts, from, to: now() }
    if (!(error instanceof TailwattError)) throw error
    return { state: 'failed', failure: error, facts, from, to: now() }
  } finally {
    clearInterval(clock)
    event(clockEvent(now()))
  }
}

/** From `begin` until the host has ended; decides what kind of end it was. */
async function runLoad(
  context: MeasureContext,
  host: LoadHost,
  now: () => number,
): Promise<Pick<Measurement, 'state' | 'failure'>> {
  const { options, plan, recorder } = context
  const until = plan.until && new UntilWatch(plan.until)
  const watched = plan.rules.map((rule) => new SlaWatch(rule))
  let breach: BreachCommand | undefined
  recorder.watch((chunk) => {
    until?.add(chunk)
    for (const watch of watched) watch.add(chunk)
  })
  await host.begin()
  const begun = now()
  recorder.takeRecent()
  let stopping: 'asked' | 'aborted' | 'storage' | 'errors' | undefined
  const stop = (why: typeof stopping): void => {
    if (stopping) return
    stopping = why
    void host.stop().catch(() => host.kill())
  }
  const abort = (): void => stop('aborted')
  options.signal?.addEventListener('abort', abort, { once: true })
  // It may have come while nobody listened.
  if (options.signal?.aborted) abort()
  const elapsed = (): number => Math.max(0, now() - (recorder.firstPlanned ?? begun)) / 1e9
  const tick = (): void => {
    if (recorder.storageFailure !== undefined) stop('storage')
    if (tooManyErrors(recorder, plan)) stop('errors')
    if (until?.reached()) stop('asked')
    for (const watch of watched) {
      const broken = watch.broken()
      if (!broken || breach || !options.onBreach) continue
      const at_s = elapsed()
      const facts = { ...broken, at_s, run: context.runId, folder: context.folder, target: context.targetName }
      breach = runBreachCommand(options.onBreach, facts)
      void breach.status.then((command_status) =>
        recorder.event({
          t: now(),
          kind: 'breach',
          data: { rule: broken.rule, value: broken.value, unit: broken.unit, at_s, command_status },
        }),
      )
    }
    options.onProgress?.(progressOf(context, elapsed()))
  }
  const timer = setInterval(tick, tickMs)
  const { exit, cause } = await host.ended
  clearInterval(timer)
  options.signal?.removeEventListener('abort', abort)
  if (breach) {
    await breach.status
    breach.end()
  }
  recorder.event({ t: now(), kind: 'host_exit', data: exit })
  if (!exit.expected && isEndSignal(exit.signal)) await groupSignal(options.signal)
  if (options.signal?.aborted) return { state: 'interrupted' }
  if (!exit.expected) return { state: 'failed', failure: new TailwattError('target-crashed', { message: cause }) }
  const errors = errorFailure(recorder, plan)
  return errors ? { state: 'failed', failure: errors } : { state: 'complete' }
}

/** A host that a signal to the whole group ended may be gone before our own handler of that signal was called. */
async function groupSignal(signal: AbortSignal | undefined): Promise<void> {
  if (!signal || signal.aborted) return
  await sleep(100, undefined, { signal }).catch(() => undefined)
}

const share = (recorder: RunRecorder): number => (recorder.sent === 0 ? 0 : recorder.failed / recorder.sent)

/** Ends a run early that can only fail: nearly everything failed for a while already. */
const tooManyErrors = (recorder: RunRecorder, plan: Plan): boolean =>
  recorder.failed >= 100 && share(recorder) > Math.max(0.9, plan.maxErrors)

function errorFailure(recorder: RunRecorder, plan: Plan): TailwattError | undefined {
  if (recorder.sent === 0 || share(recorder) <= plan.maxErrors) return undefined
  const percent = Number((share(recorder) * 100).toPrecision(3))
  return new TailwattError('too-many-errors', { percent, limit: plan.maxErrors * 100, message: recorder.commonError })
}

function progressOf(context: MeasureContext, elapsed_s: number): import('../options.ts').Progress {
  const { recorder, plan } = context
  const p50_ms = recorder.responseMs(0.5)
  const p99_ms = recorder.responseMs(0.99)
  const recent = recorder.takeRecent()
  // Five times a second would cost the main thread more than all else that it does.
  const power = recent && recorder.power()
  const { watts } = recorder
  return {
    stage: 'load',
    folder: context.folder,
    elapsed_s,
    ...(plan.load.for === undefined ? {} : { total_s: plan.load.for / 1e9 }),
    sent: recorder.sent,
    failed: recorder.failed,
    ...(p50_ms === undefined ? {} : { p50_ms }),
    ...(p99_ms === undefined ? {} : { p99_ms }),
    ...(elapsed_s > 0 ? { per_s: recorder.sent / elapsed_s } : {}),
    ...(watts === undefined ? {} : { watts }),
    ...(recent && power ? { recent, power, devices: recorder.devices() } : {}),
  }
}

function clockEvent(t: number): Occurrence<'clock'> {
  return { t, kind: 'clock', data: { wall_ms: Date.now(), boot_ns: bootTime() } }
}

// Linux counts suspended time in /proc/uptime and not in the monotonic clock: their difference reveals a suspend.
function bootTime(): number {
  try {
    return Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1e9
  } catch {
    return Number.NaN
  }
}
