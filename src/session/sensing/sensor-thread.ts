// What the sampler and the collector thread share: opening the sensors of specs within a time limit, readings on their way
// out, and what becomes of a sensor that fails, recovers or is lost.
import { namesModule } from '../../host/extension.ts'
import type { Host } from '../../host/host.ts'
import type { Channel } from '../../run/channel.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import { allocateSamples, type SampleChunk } from '../../run/table.ts'
import type { RunEvent } from '../../run/event.ts'
import { formatNumber } from '../../units/quantity.ts'
import { findSensorProvider } from '../../sensors/catalog.ts'
import type { PolledSensor, SensorSpec, StreamingSensor } from '../../sensors/sensor.ts'

/** How long a sensor may take to open. What is slower would hold up the run for its own sake. */
export const openMs = 2000
/** How long a sensor may take to close, its last reading included. */
export const closeMs = 1000

/** Channels kept of one sensor: fifty GPUs with twenty readings each. What a meter says must not weigh on what is measured. */
export const mostChannels = 1024

/** Messages from a sensor thread. */
export type SensorMessage =
  | {
      readonly kind: 'ready'
      readonly channels: readonly Channel[]
      readonly unmeasured: readonly Unmeasured[]
      /** Of sensors that the user named. */
      readonly warnings: readonly string[]
    }
  | { readonly kind: 'samples'; readonly chunk: SampleChunk }
  | { readonly kind: 'event'; readonly event: RunEvent }
  | {
      readonly kind: 'stopped'
      readonly gap_ms: SamplingGaps
      readonly cpu_s: number
      /** What came to light after `ready`. */
      readonly unmeasured: readonly Unmeasured[]
    }

export interface SamplingGaps {
  readonly p50: number | null
  readonly p99: number | null
  readonly max: number | null
}

/** An opened sensor; the channels kept of it are `first … first + kept − 1` of all. */
export interface Opened<S> {
  readonly spec: SensorSpec
  readonly sensor: S
  readonly first: number
  readonly kept: number
}

export interface Opening<S> {
  readonly opened: readonly Opened<S>[]
  readonly channels: readonly Channel[]
  readonly unmeasured: readonly Unmeasured[]
  readonly warnings: readonly string[]
}

export interface OpenContext {
  readonly host: Host
  /** Added to the options of every spec. */
  readonly options: Readonly<Record<string, unknown>>
  /** Quantities or sensor ids: a sensor that has no channel of these is closed again. Left out: all stay. */
  readonly wanted?: readonly string[]
}

type Sensors = { readonly polled: PolledSensor; readonly streaming: StreamingSensor }

/** Opens what can be opened; the rest are rows that say why not. Streaming sensors, which wait, are opened side by side. */
export async function openSensors<Flow extends keyof Sensors>(
  flow: Flow,
  specs: readonly SensorSpec[],
  context: OpenContext,
): Promise<Opening<Sensors[Flow]>> {
  const attempts: Attempt<Sensors[Flow]>[] = []
  if (flow === 'streaming') attempts.push(...(await Promise.all(specs.map((spec) => openOne(flow, spec, context)))))
  else for (const spec of specs) attempts.push(await openOne(flow, spec, context))
  const opened: Opened<Sensors[Flow]>[] = []
  const channels: Channel[] = []
  const rows: SensorAbsence[] = []
  const lacks: Unmeasured[] = []
  const warnings: string[] = []
  const wanted = ({ quantity, sensor }: Channel): boolean =>
    context.wanted === undefined || context.wanted.includes(quantity) || context.wanted.includes(sensor)
  for (const attempt of attempts) {
    if ('reason' in attempt) {
      rows.push(attempt)
      continue
    }
    const { spec, sensor } = attempt
    if (!sensor.channels.some(wanted)) {
      void closeQuietly(sensor)
      continue
    }
    const kept = sensor.channels.slice(0, mostChannels)
    opened.push({ spec, sensor, first: channels.length, kept: kept.length })
    channels.push(...kept)
    if ('lacks' in sensor) lacks.push(...(sensor.lacks ?? []))
    if (kept.length < sensor.channels.length) {
      const row = tooMany(spec.kind, sensor.channels.length)
      lacks.push(row)
      if (spec.asked === true) warnings.push(`the sensor ${row.reason}; ${row.remedy}`)
    }
  }
  const absent = absences(rows)
  return {
    opened,
    channels,
    warnings: [...absent.warnings, ...warnings],
    unmeasured: [...absent.unmeasured, ...lacks],
  }
}

function tooMany(kind: string, count: number): Unmeasured {
  const left = formatNumber(count - mostChannels)
  return {
    what: 'channels',
    reason: `${kind}: it has ${formatNumber(count)} channels, of which the first ${formatNumber(mostChannels)} are read and ${left} are left out`,
    remedy: 'have it show fewer devices or fields',
  }
}

interface SensorAbsence {
  readonly spec: SensorSpec
  readonly reason: string
  readonly remedy: string
}

type Attempt<S> = { readonly spec: SensorSpec; readonly sensor: S } | SensorAbsence

/** What a sensor's absence leaves without a figure. */
const wouldGive: Readonly<Record<string, string>> = {
  rapl: 'cpu_w',
  nvml: 'gpu_w',
  dcgm: 'gpu_w',
  gpm: 'gpu_activity',
  amdgpu: 'gpu_w',
  'intel-gpu': 'gpu_w',
  model: 'cpu_w',
  procfs: 'utilisation',
  'perf-event': 'cpu_counters',
  shelly: 'system_w',
  tasmota: 'system_w',
  'acpi-meter': 'system_w',
  battery: 'system_w',
  hwmon: 'cpu_temperature',
  thermal: 'cpu_temperature',
  cpufreq: 'cpu_clock',
  'electricity-maps': 'grid_intensity',
}

/** Most machines have none: told by `doctor`, and in a run only where it was asked for. */
const rare: ReadonlySet<string> = new Set(['acpi-meter', 'battery'])

/** The rows of `unmeasured`, and the sentences for those the user asked for. */
export function absences(rows: readonly SensorAbsence[]): {
  readonly unmeasured: readonly Unmeasured[]
  readonly warnings: readonly string[]
} {
  return {
    unmeasured: rows
      .filter(({ spec }) => spec.asked === true || !rare.has(spec.kind))
      .map(({ spec, reason, remedy }) => ({
        what: wouldGive[spec.kind] ?? spec.kind,
        reason: `${spec.kind}: ${reason}`,
        remedy,
      })),
    warnings: rows
      .filter(({ spec }) => spec.asked === true)
      .map(({ spec, reason, remedy }) => `the sensor ${spec.kind} is not read: ${reason}; ${remedy}`),
  }
}

async function openOne<Flow extends keyof Sensors>(
  flow: Flow,
  spec: SensorSpec,
  { host, options }: OpenContext,
): Promise<Attempt<Sensors[Flow]>> {
  const absent = (reason: string, remedy = '`tailwatt doctor` says what it needs'): SensorAbsence => ({
    spec,
    reason,
    remedy,
  })
  const open = async (): Promise<Attempt<Sensors[Flow]>> => {
    const provider = await findSensorProvider(spec.kind)
    if (!provider) return absent('there is no such sensor')
    const all = { ...spec.options, ...options }
    const probe = await provider.probe(host, all)
    if (!probe.ok) return absent(probe.reason, probe.remedy)
    const sensor = await provider.open(host, all)
    const method = flow === 'polled' ? 'read' : 'start'
    if (!(method in sensor)) {
      void closeQuietly(sensor)
      return absent(`it declares itself ${flow} and has no ${method}`, 'correct `flow` of its provider')
    }
    // A channel that the run's schema does not know would make the run unreadable.
    if (namesModule(spec.kind)) {
      const { parseChannels } = await import('../../run/channel-schema.ts')
      if (parseChannels(sensor.channels) === undefined) {
        void closeQuietly(sensor)
        return absent('its channels are not as the documentation says', 'see `Channel` in the library')
      }
    }
    return { spec, sensor: sensor as Sensors[Flow] }
  }
  try {
    return await within(openMs, open(), (late) => {
      if ('sensor' in late) void closeQuietly(late.sensor)
    })
  } catch (error) {
    if (error instanceof TooLate) return absent(`it did not answer within ${openMs / 1e3} s`, 'check that it is alive')
    return absent(messageOf(error))
  }
}

async function closeQuietly(sensor: PolledSensor | StreamingSensor): Promise<void> {
  try {
    await sensor.close()
  } catch {
    // It is given up already; its row says why.
  }
}

export class TooLate extends Error {}

/** The work's result, or {@link TooLate} after `ms`; `late` gets what comes after that. */
export function within<T>(ms: number, work: Promise<T>, late: (value: T) => void = () => undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    let over = false
    const timer = setTimeout(() => {
      over = true
      reject(new TooLate())
    }, ms)
    work.then(
      (value) => {
        clearTimeout(timer)
        if (over) late(value)
        else resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error instanceof Error ? error : new Error(String(error)))
      },
    )
  })
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Readings on their way to the main thread. */
export class ReadingRows {
  #channel: number[] = []
  #t: number[] = []
  #value: number[] = []

  /**
   * False for what is no reading: a channel the sensor does not have, a time or a value that is no number. NaN passes: it
   * marks an interval nobody knows.
   */
  put(
    { first, sensor, kept }: Opened<PolledSensor | StreamingSensor>,
    channel: number,
    t: number,
    value: number,
  ): boolean {
    if (!Number.isInteger(channel) || channel < 0 || channel >= sensor.channels.length) return false
    if (!Number.isFinite(t) || typeof value !== 'number' || Math.abs(value) === Number.POSITIVE_INFINITY) return false
    // Left out, and said so.
    if (channel >= kept) return true
    this.#channel.push(first + channel)
    this.#t.push(t)
    this.#value.push(value)
    return true
  }

  /** What came since the last call; `undefined` when nothing did. */
  take(): SampleChunk | undefined {
    const { length } = this.#t
    if (length === 0) return undefined
    const chunk = allocateSamples(length)
    chunk.channel.set(this.#channel)
    chunk.t.set(this.#t)
    chunk.value.set(this.#value)
    this.#channel = []
    this.#t = []
    this.#value = []
    return chunk
  }
}

export const garbage = 'it gave a reading that is no number, or of a channel it does not have'

/** Turns outcomes into events: each failure is told once, and so is its end. */
export class SensorHealth {
  readonly #id: string
  readonly #tell: (event: RunEvent<'sensor'>) => void
  #state: 'ok' | 'failing' | 'ended' = 'ok'

  constructor(id: string, tell: (event: RunEvent<'sensor'>) => void) {
    this.#id = id
    this.#tell = tell
  }

  get ended(): boolean {
    return this.#state === 'ended'
  }

  ok(t: number): void {
    if (this.#state === 'failing') this.#turn('ok', 'back', t, 'it reads again')
  }

  failed(t: number, reason: string): void {
    if (this.#state === 'ok') this.#turn('failing', 'failed', t, reason)
  }

  lost(t: number, reason: string): void {
    if (this.#state !== 'ended') this.#turn('ended', 'lost', t, reason)
  }

  #turn(to: 'ok' | 'failing' | 'ended', state: 'back' | 'failed' | 'lost', t: number, reason: string): void {
    this.#state = to
    this.#tell({ recording: 0, t, kind: 'sensor', data: { id: this.#id, state, reason } })
  }
}
