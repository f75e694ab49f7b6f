// A whole measurement, from options to a finished run folder: inspect → store opened → sensors → cold starts → load →
// analysis. Composes the other parts; measures nothing itself.
import { randomBytes } from 'node:crypto'
import { analyse } from '../analysis/analyse.ts'
import { TailwattError } from '../base/errors.ts'
import { redactText } from '../base/redact-address.ts'
import { knownCeilings, measureCeilings, type MeasuredCeilings } from '../ceilings/ceilings.ts'
import { openFileLimit } from '../host/open-files.ts'
import { hostFacts } from '../host/facts.ts'
import type { Host } from '../host/host.ts'
import { realHost } from '../host/real-host.ts'
import { defaultSensors, gpuFacts, liveSensors } from '../sensors/catalog.ts'
import { createRun } from '../store/create.ts'
import { refusal } from '../store/failure.ts'
import { findTargetProvider } from '../targets/catalog.ts'
import type { Inspected, TargetProvider } from '../targets/target.ts'
import { describeTarget } from '../targets/describe.ts'
import { targetFault } from '../targets/module-fault.ts'
import { targetRedactor } from '../targets/secrets.ts'
import type { HostFacts, Manifest, TargetFacts, Unmeasured } from '../run/manifest.ts'
import type { RunWriter } from '../store/run-folder.ts'
import { advise } from './experiment/advise.ts'
import { measure, type Measurement } from './measure/measure.ts'
import type { ProfileOptions, Run } from './options.ts'
import { withinOpenFiles } from './open-files.ts'
import { planRun, type Plan } from './plan.ts'
import { RunRecorder } from './measure/recorder.ts'
import { startSensing } from './sensing/sensing.ts'
import { toolFacts } from '../host/tool.ts'
import { ownId } from '../run/recording.ts'

/** See `profile` in the public API. */
export async function profile(options: ProfileOptions): Promise<Run> {
  const plan = withinOpenFiles(planRun(options), options, openFileLimit())
  options.onProgress?.({ stage: 'inspect', elapsed_s: 0, sent: 0, failed: 0 })
  const provider = await findTargetProvider(options.target.kind)
  const { timeoutMs = null, ...inspected } = await inspect(provider, options)
  const host = realHost()
  const epoch = currentEpoch()
  const target: TargetFacts = {
    kind: options.target.kind,
    name: describeTarget(options.target),
    flow: provider.flow,
    instances: plan.instances,
    threads: null,
    batch: plan.batch,
    ...inspected,
  }
  const draft = newManifest(options, plan, { target, timeoutMs }, { ...hostFacts(host), gpus: gpuFacts(host) }, epoch)
  const writer = createRun(plan.out, draft)
  const recorder = new RunRecorder(writer, () => Number(process.hrtime.bigint() - epoch))
  try {
    const ceilings = await ceilingsOf(host, options, writer.folder)
    for (const warning of ceilings?.warnings ?? []) options.onWarning?.(warning)
    const sensing = await startSensing({
      specs: [...(options.sensors ?? defaultSensors()), ...liveSensors(plan.energyContext)],
      hz: plan.sampleHz,
      epoch,
      onSamples: (chunk) => recorder.samples(chunk),
      onEvent: (event) => recorder.event(event),
    })
    for (const warning of sensing.warnings) options.onWarning?.(warning)
    recorder.sensing(sensing.channels, 1e9 / plan.sampleHz)
    const manifest: Manifest = {
      ...draft,
      channels: sensing.channels,
      ...(ceilings ? { ceilings: ceilings.ceilings } : {}),
      unmeasured: [...sensing.unmeasured, ...(ceilings?.unmeasured ?? [])],
    }
    writer.manifest(manifest)
    const cpuBefore = process.cpuUsage()
    const begun = process.hrtime.bigint()
    const measurement = await measure({
      options,
      plan,
      recorder,
      sensing,
      epoch,
      folder: writer.folder,
      runId: manifest.id,
      targetName: target.name,
      flow: target.flow,
    })
    const cpu = process.cpuUsage(cpuBefore)
    const sampled = await sensing.stop()
    recorder.event({
      t: Number(process.hrtime.bigint() - epoch),
      kind: 'self_usage',
      data: {
        cpu_s: (cpu.user + cpu.system) / 1e6,
        wall_s: Number(process.hrtime.bigint() - begun) / 1e9,
        drain_lag_p99_ms: recorder.drainLagP99Ms(),
        sample_gap_p50_ms: sampled.gap_ms.p50,
        sample_gap_p99_ms: sampled.gap_ms.p99,
        sample_gap_max_ms: sampled.gap_ms.max,
      },
    })
    const ended = withStorage(measurement, recorder)
    if (recorder.sent === 0 && ended.state !== 'complete')
      throw ended.failure ?? new DOMException('interrupted before the first request', 'AbortError')
    const unmeasured = [...manifest.unmeasured, ...sampled.unmeasured, ...unstoredRows(recorder)]
    const known = { ...manifest, unmeasured }
    const finished = completed(known, ended, target)
    const advised = await withAdvice(finished, ended, options, plan, writer)
    return await conclude(writer, advised, recorder, options)
  } catch (error) {
    await refusal(() => (recorder.sent === 0 ? writer.discard() : writer.release()))
    throw error
  }
}

/** A target's own account of itself, or of why it cannot be measured, may repeat what is secret in its spec. */
async function inspect(provider: TargetProvider, { target, keepBody }: ProfileOptions): Promise<Inspected> {
  try {
    const facts = { ...(await provider.inspect(target)) }
    // Of an endpoint they are our own words, and the same words may stand in a body.
    return target.kind === 'http' ? facts : targetRedactor(target, keepBody).data(facts)
  } catch (error) {
    throw targetRedactor(target, keepBody).error(targetFault(target.kind, error))
  }
}

/** Before the sensors are opened: what is measured here is no idle host. */
async function ceilingsOf(host: Host, options: ProfileOptions, folder: string): Promise<MeasuredCeilings | undefined> {
  if (options.ceilings === false) return undefined
  if (options.ceilings === undefined) return { ceilings: knownCeilings(host), unmeasured: [], warnings: [] }
  options.onProgress?.({ stage: 'ceilings', folder, elapsed_s: 0, sent: 0, failed: 0 })
  return measureCeilings(host, options.signal ? { signal: options.signal } : {})
}

/** A run whose rows could not be stored any more has failed, whatever else ended it; an interruption comes first. */
function withStorage(measurement: Measurement, { storageFailure }: RunRecorder): Measurement {
  if (storageFailure === undefined || measurement.state === 'interrupted') return measurement
  if (!(storageFailure instanceof TailwattError)) throw storageFailure
  return { ...measurement, state: 'failed', failure: storageFailure }
}

function unstoredRows({ storageFailure }: RunRecorder): readonly Unmeasured[] {
  if (!(storageFailure instanceof TailwattError)) return []
  const reason = `they could not be stored: ${storageFailure.data['message']}`
  return [{ what: 'last rows', reason, remedy: 'Free space and measure again for a whole run.' }]
}

/** What was measured is said also where it cannot be stored: then the folder keeps the journal for the next opening. */
async function conclude(
  writer: RunWriter,
  manifest: Manifest,
  recorder: RunRecorder,
  options: ProfileOptions,
): Promise<Run> {
  options.onProgress?.({
    stage: 'analyse',
    folder: writer.folder,
    elapsed_s: 0,
    sent: recorder.sent,
    failed: recorder.failed,
  })
  // Finishing fails for the same reason.
  await refusal(() => writer.manifest(manifest))
  const document = analyse(await writer.measured())
  const notStored = await refusal(() => writer.finish(document))
  if (notStored) await refusal(() => writer.release())
  return { folder: writer.folder, document, ...(notStored ? { notStored } : {}) }
}

async function withAdvice(
  manifest: Manifest,
  measurement: Measurement,
  options: ProfileOptions,
  plan: Plan,
  writer: RunWriter,
): Promise<Manifest> {
  if (!options.advise || measurement.state !== 'complete') return manifest
  const advice = await advise({
    target: options.target,
    targetFacts: manifest.target,
    load: plan.load,
    cpus: Math.max(1, Math.floor(manifest.host.cpu_quota ?? manifest.host.cpus_allowed)),
    ...(options.signal ? { signal: options.signal } : {}),
    onProgress: (message) =>
      options.onProgress?.({ stage: 'advise', folder: writer.folder, message, elapsed_s: 0, sent: 0, failed: 0 }),
  })
  return { ...manifest, advice }
}

function newManifest(
  options: ProfileOptions,
  plan: Plan,
  { target, timeoutMs }: { readonly target: TargetFacts; readonly timeoutMs: number | null },
  host: HostFacts,
  epoch: bigint,
): Manifest {
  const monotonic = Number(process.hrtime.bigint() - epoch)
  const wall = Date.now()
  return {
    schema: 'tailwatt.run/2',
    id: randomBytes(16).toString('hex'),
    name: options.name === undefined ? target.name : redactText(options.name),
    ...(options.group === undefined ? {} : { group: options.group }),
    state: 'running',
    started_at: new Date(wall).toISOString(),
    tool: toolFacts(options.command, options.keepBody),
    host,
    target,
    load: {
      mode: plan.load.mode,
      concurrency: plan.load.concurrency,
      rate_per_s: plan.load.rate ?? null,
      arrivals: plan.load.arrivals ?? null,
      pacing: plan.load.pacing,
      ...((plan.load.threads ?? 1) > 1 ? { threads: plan.load.threads! } : {}),
      seed: plan.load.seed,
      for_s: plan.load.for === undefined ? null : plan.load.for / 1e9,
      requests: plan.load.requests ?? null,
      until: plan.untilText,
      max_errors: plan.maxErrors,
      timeout_ms: timeoutMs,
    },
    recordings: [
      {
        id: ownId,
        source: 'tailwatt',
        clock: {
          id: 'host monotonic (process.hrtime)',
          offset_ns: 0,
          uncertainty_ns: 0,
          epoch_wall_ms: wall - monotonic / 1e6,
        },
        from: 0,
        to: 0,
      },
    ],
    channels: [],
    sla: options.sla ?? [],
    allow_estimates: options.allowEstimates ?? false,
    include_warmup: options.includeWarmup ?? false,
    unmeasured: [],
    energy_context: plan.energyContext,
  }
}

function completed(manifest: Manifest, measurement: Measurement, target: TargetFacts): Manifest {
  const { failure } = measurement
  return {
    ...manifest,
    state: measurement.state,
    ...(failure === undefined ? {} : { failure: { code: failure.code, data: failure.data } }),
    target: { ...target, ...measurement.facts },
    recordings: manifest.recordings.map((recording) =>
      recording.id === ownId ? { ...recording, from: measurement.from, to: measurement.to } : recording,
    ),
  }
}

/** The last whole second of the monotonic clock: the zero of every time in the run. */
const currentEpoch = (): bigint => (process.hrtime.bigint() / 1_000_000_000n) * 1_000_000_000n
