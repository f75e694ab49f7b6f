// The public API, named one by one. Light things (LatencyProfiler, parsing, errors) are loaded with the import; whatever
// measures or reads runs is loaded when it is first called, so that a production process pays only for what it uses.
import { requireOpenFiles } from './host/open-files.ts'
import type { ProfileOptions, Run } from './session/options.ts'
import type { EnergyOptions } from './carbon/energy-context.ts'
import type { OpenedRun } from './runs/open.ts'
import type { PowerMonitor as Monitor, PowerMonitorOptions } from './session/meter/power-monitor.ts'
import type { WatchOptions, WatchTick } from './session/meter/watch.ts'
import type { LiveServer } from './server/live-server.ts'
import type { TargetSpec } from './targets/target.ts'
import type { ClientCheck } from './session/client-check.ts'
import type { DoctorRow } from './session/doctor.ts'
import type { MeasuredCeilings } from './ceilings/ceilings.ts'
import type { RunListing } from './store/run-folder.ts'
import type { SensorSpec } from './sensors/sensor.ts'
import type { ZooRow } from './zoo/listing.ts'

export { LatencyProfiler } from './stats/latency-profiler.ts'
export { LogLinearHistogram } from './stats/histogram.ts'
export { TailwattError, describeError, errorKinds } from './base/errors.ts'
export type { ErrorCode, ErrorKind } from './base/errors.ts'
export { commandRedactor, type Redactor } from './base/redact-text.ts'
export { isOutOfFiles, tooFewFiles } from './host/open-files.ts'
export {
  parseBytes,
  parseCount,
  parseDuration,
  parseRate,
  formatDuration,
  formatNumber,
  formatPrefixed,
} from './units/quantity.ts'
export { expectCount, expectDuration } from './units/expected.ts'
export { onnx, http, parseShapeFlag, targetKinds } from './targets/catalog.ts'
export { module } from './targets/module.ts'
export { resolveTarget } from './targets/resolve.ts'
export type { ResolveOptions } from './targets/resolve.ts'
export type { OnnxOptions, HttpOptions } from './targets/catalog.ts'
export { closed, constant, poisson } from './load/specs.ts'
export type { LoadSpec } from './load/pacer.ts'
export type { ProfileOptions, Progress, Run } from './session/options.ts'
export type { EnergyOptions } from './carbon/energy-context.ts'
export type { OpenedRun } from './runs/open.ts'
export type { LatestPower, PowerMonitorOptions, PowerSpan, PowerWindow } from './session/meter/power-monitor.ts'
export type { GpuTick, ProcessTick, WatchOptions, WatchTick } from './session/meter/watch.ts'
export type { LiveServer } from './server/live-server.ts'
export type { DeviceReadings, GpuReadings, RecentRequests } from './run/progress.ts'
export type { ClientCheck } from './session/client-check.ts'
export type { DoctorRow } from './session/doctor.ts'
export type { RunListing, RunState } from './store/run-folder.ts'
export type { ZooRow } from './zoo/listing.ts'
export type { Measured } from './run/source.ts'
export type { CarbonSection, CostSection, PueSource, SciSection } from './run/sections/impact.ts'
export type { ThermalSection, UtilizationSection } from './run/sections/hardware.ts'
export type { Attribution, EnergyPart, EnergyStep, SensorCharacter } from './run/sections/energy.ts'
export type { RunDocument } from './run/document.ts'
export type { Finding, SlaResult, SlaVerdict } from './run/sections/verdict.ts'
export type { EnergyCheck } from './run/sections/energy.ts'
export type { LatencySeries } from './run/sections/latency.ts'
export type { EnergyContext, SyntheticFacts } from './run/manifest.ts'
export type { AdviceResult, BandwidthCeiling, Ceiling, ComputeCeiling, HostCeilings } from './run/manifest.ts'
export type { Figure, Grade } from './run/figure.ts'
export { cautionText, hasCaution } from './run/caution.ts'
export type { Caution, CautionCode } from './run/caution.ts'
export type {
  TargetSpec,
  TargetKind,
  TargetProvider,
  BlockingTarget,
  AsyncTarget,
  Outcome,
  BatchView,
} from './targets/target.ts'
export type { Option as TargetOption } from './targets/option.ts'
export type {
  SensorSpec,
  SensorProvider,
  PolledSensor,
  StreamingSensor,
  StreamingOptions,
  Opened,
  SensorArgument,
} from './sensors/sensor.ts'
export type { SampleSink, StreamSink } from './run/ports.ts'
export type { Channel, Throttle } from './run/channel.ts'
export type { ChannelRole, ChannelSubject } from './run/channel-role.ts'
export type { ThrottleReason } from './run/throttle-reason.ts'

/**
 * Measures a target and stores the run: load, sensors, cold start, analysis. Resolves when the run folder is complete.
 * A target that fails in mid-run, or an abort of `signal`, still gives a run: see `document.state` and `document.failure`.
 * @throws TailwattError when nothing could be measured: usage, file, engine, storage (see `errorKinds`).
 * @example const run = await profile({ target: onnx('model.onnx'), load: poisson({ rate: 50 }), for: '60s' })
 */
export const profile = async (options: ProfileOptions): Promise<Run> =>
  options.repeats === undefined || options.repeats < 2
    ? (await import('./session/profile.ts')).profile(options)
    : (await import('./session/experiment/repeats.ts')).profileRepeatedly(options, options.repeats)

/**
 * Whether {@link profile} can mean these options; nothing is opened or measured.
 * @throws TailwattError `usage` or `rule-malformed` for what cannot be meant.
 */
export const checkOptions = async (options: ProfileOptions): Promise<void> =>
  void (await import('./session/plan.ts')).planRun(options)

/**
 * Opens a stored run by folder, id, id prefix or `latest`. A run whose process was killed is recovered (in memory only where
 * its folder cannot be written: see `notStored`); a live one is read without disturbing it. With another region, tariff or
 * embodied emissions the document is reckoned for them; what is
 * stored stays as it is. `demo:h100` is a synthetic run, generated here and stored nowhere: see `document.synthetic`.
 * @throws TailwattError `usage`, `run-not-found`, `demo-unknown`, `run-newer`, `run-damaged`.
 */
export const openRun = async (
  pathOrId: string,
  { out, ...energy }: { readonly out?: string } & EnergyOptions = {},
): Promise<OpenedRun> => (await import('./runs/open.ts')).openRun(pathOrId, out ?? 'runs', energy)

/**
 * Sensors by name for the option `sensors`: `kind[:argument]`, separated by commas. Names replace the defaults, a leading
 * `+` adds to them, `none` is nothing; a path names a module that exports `provider` (a `SensorProvider`).
 * @throws TailwattError `usage`, `file-not-found`.
 * @example profile({ target, sensors: await parseSensors('+shelly:192.168.1.20') })
 */
export const parseSensors = async (lists: string | readonly string[]): Promise<readonly SensorSpec[]> => {
  const { parseSensors } = await import('./sensors/catalog.ts')
  return parseSensors(lists)
}

/** The readings of a run's sensors as NDJSON: a file of it is what `--sensors replay:FILE` replays. */
export const sensorReadings = async (run: OpenedRun): Promise<string> => {
  const [{ writeReadings }, measured] = await Promise.all([import('./run/readings.ts'), run.measured()])
  return writeReadings(measured)
}

/**
 * Energy windows for production code, see {@link Monitor}: `begin` and `end` around a piece of work give joules with grade
 * and interval. At most 1 % of a core at 10 Hz, on a thread of its own.
 * @throws TailwattError `monitor-misuse` (a rate that is none), `process-not-found`.
 * @example
 * const monitor = await PowerMonitor.start({ hz: 10 })
 * const span = monitor.begin('prefill')
 * const { joules } = await span.end()
 */
export const PowerMonitor: { start(options?: PowerMonitorOptions): Promise<Monitor> } = {
  start: async (options) => (await import('./session/meter/power-monitor.ts')).PowerMonitor.start(options),
}
export type PowerMonitor = Monitor

/**
 * Live meters of the host, its devices and one process. Ends after `for`, with the process, or with an abort of `signal`
 * (without an error); works on a host without a power sensor, and says on the first tick what is missing.
 * @throws TailwattError `process-not-found`, `usage`, `too-few-files`.
 * @example for await (const tick of watch({ pid, for: '10s' })) console.log(tick.cpu.busy, tick.power_w)
 */
export async function* watch(options: WatchOptions = {}): AsyncGenerator<WatchTick, void> {
  requireOpenFiles()
  yield* (await import('./session/meter/watch.ts')).watch(options)
}

/**
 * A page on 127.0.0.1 that shows a run while it goes on: hand it to `onProgress`, and end it with the report.
 * @throws TailwattError `port-unavailable`.
 * @example
 * const live = await serveLive({ target })
 * const run = await profile({ target, onProgress: (progress) => live.show(progress) })
 * await live.end({ report: await reportHtml(await openRun(run.folder)) })
 */
export const serveLive = async (options: {
  readonly target: TargetSpec
  readonly port?: number
}): Promise<LiveServer> => {
  const [{ LiveServer }, { describeTarget }] = await Promise.all([
    import('./server/live-server.ts'),
    import('./targets/describe.ts'),
  ])
  const title = describeTarget(options.target)
  return LiveServer.listen(options.port === undefined ? { title } : { title, port: options.port })
}

/** Runs in a folder, newest first. */
export const listRuns = async (out = 'runs'): Promise<readonly RunListing[]> =>
  (await import('./store/stored-runs.ts')).listRuns(out)

/** The run as one self-contained HTML page that opens from `file://` without a network. */
export const reportHtml = async (run: OpenedRun): Promise<string> => {
  const [{ htmlReport }, measured] = await Promise.all([import('./report/html.ts'), run.measured()])
  return htmlReport(measured, run.document)
}

/**
 * Writes the page of {@link reportHtml}: to `to`, else to `report.html` in the run's folder. Gives its path.
 * @throws TailwattError `cannot-report`.
 */
export const writeReport = async (run: OpenedRun, to?: string): Promise<string> => {
  const [{ storeReport }, html] = await Promise.all([import('./store/report-file.ts'), reportHtml(run)])
  return storeReport(run.folder, html, to)
}

/** What this host can measure, what not, why, and how to get it. @throws TailwattError `too-few-files`. */
export const doctor = async (): Promise<readonly DoctorRow[]> => {
  requireOpenFiles()
  return (await import('./session/doctor.ts')).doctor()
}

/**
 * What the load client can do on this host, against a server on loopback that answers at once: requests a second, send delay, how late
 * answers are seen. Takes about 6 s. @throws TailwattError `too-few-files`, `cannot-store`.
 */
export const checkClient = async (options: { readonly signal?: AbortSignal } = {}): Promise<ClientCheck> => {
  requireOpenFiles()
  return (await import('./session/client-check.ts')).checkClient(options.signal)
}

/**
 * Measures what this host reaches at most, in about 4 s on all its CPUs, and keeps it for later runs: arithmetic in a tight loop and
 * through the engine (FLOP/s), bandwidth of the memory (B/s). What could not be measured is left out and said in `unmeasured`; that they
 * could not be kept, in `warnings`.
 * @throws DOMException `AbortError` when `signal` is aborted.
 */
export const measureCeilings = async (options: { readonly signal?: AbortSignal } = {}): Promise<MeasuredCeilings> => {
  const [{ measureCeilings }, { realHost }] = await Promise.all([
    import('./ceilings/ceilings.ts'),
    import('./host/real-host.ts'),
  ])
  return measureCeilings(realHost(), options)
}
export type { MeasuredCeilings }

/** The reference models with their sizes and costs, computed from their structure. */
export const zooListing = async (): Promise<readonly ZooRow[]> => (await import('./zoo/listing.ts')).zooListing()

/** Builds a reference model into the cache and gives its path. @throws TailwattError `zoo-unknown`, `cannot-store`. */
export const buildZoo = async (name: string): Promise<string> =>
  (await import('./targets/catalog.ts')).buildZooModel(name)

/** The JSON schema of `run.json`. */
export const runJsonSchema = async (): Promise<object> => (await import('./run/schema.ts')).runJsonSchema()

/** Finds, in words, what an id of a metric, a finding or an error means; `undefined` for an id of none. */
export const explain = async (id: string): Promise<import('./analysis/explain.ts').Explanation | undefined> =>
  (await import('./analysis/explain.ts')).explain(id)

/** Every id that {@link explain} knows. */
export const explainable = async (): Promise<readonly string[]> => (await import('./analysis/explain.ts')).explainable()
