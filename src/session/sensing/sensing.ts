// All sensors of a run behind one handle: polled ones on the sampler thread, streaming ones on the collector thread, their
// channels in one list. A thread is started only for what there is to read.
import type { Redactor } from '../../base/redact-text.ts'
import { realHost } from '../../host/real-host.ts'
import type { Channel } from '../../run/channel.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import type { SampleChunk } from '../../run/table.ts'
import type { Occurrence } from '../../run/event.ts'
import { findSensorProvider } from '../../sensors/catalog.ts'
import { sensorRedactor } from '../../sensors/secrets.ts'
import type { SensorSpec } from '../../sensors/sensor.ts'
import { startCollector } from './collector.ts'
import { startSampler } from './sampler.ts'
import type { Stopped } from './sensor-thread-handle.ts'
import { messageOf, TooLate, within } from './time-limit.ts'
import { openMs, type Wanted } from './open-sensors.ts'
import { absences, type Declared, type SensorAbsence } from './absences.ts'

export interface SensingOptions {
  readonly specs: readonly SensorSpec[]
  /** Of the sampler; streaming sensors have their own periods. */
  readonly hz: number
  readonly epoch: bigint
  /** Left out: all sensors stay open. */
  readonly wanted?: Wanted
  /** `channel` indexes {@link Sensing.channels}. */
  readonly onSamples: (chunk: SampleChunk) => void
  readonly onEvent: (event: Occurrence) => void
}

export interface Sensing {
  readonly channels: readonly Channel[]
  readonly unmeasured: readonly Unmeasured[]
  /** Sentences about sensors that the user named and that are not read. */
  readonly warnings: readonly string[]
  /** The target's process, once it is known: from now on the target runs. */
  watch(pid: number): void
  /** Polled sensors of power and energy are read this often, Hz, until called with 0. */
  burst(hz: number): void
  /** The threads alone do not keep the process alive any more. */
  unref(): void
  /** Each sensor's last reading comes before this resolves. The gaps are the sampler's. */
  stop(): Promise<Stopped>
}

const idle: Stopped = { gap_ms: { p50: null, p99: null, max: null }, cpu_s: 0, unmeasured: [] }

export async function startSensing(options: SensingOptions): Promise<Sensing> {
  const { polled, streaming, absent } = await byFlow(options.specs)
  const { hz, epoch, wanted, onSamples } = options
  // All that sensors say enters here.
  const redactor = sensorRedactor(
    options.specs,
    realHost(),
    [...polled, ...streaming].flatMap(({ provider }) => provider ?? []),
  )
  const onEvent = (event: Occurrence): void => options.onEvent(withoutSecrets(event, redactor))
  // Pid, and from byte 8 the time at which it was told.
  const watched = new SharedArrayBuffer(16)
  const common = { epoch, watched, onEvent, ...(wanted ? { wanted } : {}) }
  // The collector's channels come after the sampler's; until those are counted its rows wait.
  let offset: number | undefined
  const waiting: SampleChunk[] = []
  const shifted = (chunk: SampleChunk): void => {
    if (offset === undefined) return void waiting.push(chunk)
    for (let i = 0; i < chunk.length; i++) chunk.channel[i]! += offset
    onSamples(chunk)
  }
  const [sampler, collector] = await Promise.all([
    polled.length === 0 ? undefined : startSampler({ ...common, sensors: polled, hz, onSamples }),
    streaming.length === 0 ? undefined : startCollector({ ...common, sensors: streaming, onSamples: shifted }),
  ])
  offset = sampler?.channels.length ?? 0
  waiting.forEach(shifted)
  const channels = distinct([...(sampler?.channels ?? []), ...(collector?.channels ?? [])])
  const unmeasured = [...(sampler?.unmeasured ?? []), ...(collector?.unmeasured ?? []), ...absent.unmeasured]
  const given = new Set(Object.keys(givers).filter((what) => channels.some(givers[what]!)))
  return {
    channels,
    unmeasured: unmeasured.filter(({ what }) => !given.has(what)).map((row) => rowWithoutSecrets(row, redactor)),
    warnings: [...(sampler?.warnings ?? []), ...(collector?.warnings ?? []), ...absent.warnings].map((warning) =>
      redactor.text(warning),
    ),
    watch: (pid) => {
      new Float64Array(watched, 8, 1)[0] = Number(process.hrtime.bigint() - epoch)
      Atomics.store(new Int32Array(watched), 0, pid)
    },
    burst: (hz) => sampler?.burst(hz),
    unref: () => {
      sampler?.unref()
      collector?.unref()
    },
    stop: async () => {
      const [sampled] = await Promise.all([sampler?.stop(), collector?.stop()])
      const { unmeasured: later, ...rest } = sampled ?? idle
      return { ...rest, unmeasured: later.map((row) => rowWithoutSecrets(row, redactor)) }
    },
  }
}

const isNote = (event: Occurrence): event is Occurrence<'note'> => event.kind === 'note'
const isSensor = (event: Occurrence): event is Occurrence<'sensor'> => event.kind === 'sensor'

function withoutSecrets(event: Occurrence, redactor: Redactor): Occurrence {
  if (isNote(event)) return { ...event, data: { text: redactor.text(event.data.text) } }
  if (isSensor(event)) return { ...event, data: { ...event.data, reason: redactor.text(event.data.reason) } }
  return event
}

const rowWithoutSecrets = ({ what, reason, remedy }: Unmeasured, redactor: Redactor): Unmeasured => ({
  what,
  reason: redactor.text(reason),
  remedy: redactor.text(remedy),
})

const measures = ({ quantity, grade }: Channel): boolean =>
  (quantity === 'energy' || quantity === 'power') && grade !== 'D'
const ofCpu = ({ scope }: Channel): boolean => scope === 'package' || scope === 'core' || scope === 'host'

/** What is measured although one sensor that would give it is absent: another one does. */
const givers: Readonly<Record<string, (channel: Channel) => boolean>> = {
  system_w: (channel) => measures(channel) && ['wall', 'system', 'psys'].includes(channel.scope),
  cpu_w: (channel) => measures(channel) && channel.scope === 'package',
  gpu_w: (channel) => measures(channel) && (channel.scope === 'gpu' || channel.scope === 'module'),
  cpu_temperature: (channel) => channel.quantity === 'temperature' && ofCpu(channel),
  cpu_clock: (channel) => channel.quantity === 'clock' && ofCpu(channel),
}

/** Which thread each spec belongs to. A module of the user's is loaded to know; one that cannot be is absent. */
async function byFlow(specs: readonly SensorSpec[]): Promise<{
  readonly polled: readonly Declared[]
  readonly streaming: readonly Declared[]
  readonly absent: ReturnType<typeof absences>
}> {
  const polled: Declared[] = []
  const streaming: Declared[] = []
  const rows: SensorAbsence[] = []
  for (const spec of specs) {
    try {
      const provider = await within(openMs, findSensorProvider(spec.kind))
      if (!provider) rows.push({ spec, reason: 'there is no such sensor', remedy: '`tailwatt doctor` lists them' })
      else (provider.flow === 'streaming' ? streaming : polled).push({ spec, provider })
    } catch (error) {
      const reason = error instanceof TooLate ? `it was not loaded within ${openMs / 1e3} s` : messageOf(error)
      rows.push({ spec, reason, remedy: 'correct the module, or leave it out' })
    }
  }
  return { polled, streaming, absent: absences(rows) }
}

/** Ids are unique in a run: of two meters of one name the second is told apart by a number. */
function distinct(channels: readonly Channel[]): readonly Channel[] {
  const seen = new Map<string, number>()
  return channels.map((channel) => {
    const count = (seen.get(channel.id) ?? 0) + 1
    seen.set(channel.id, count)
    return count === 1 ? channel : { ...channel, id: `${channel.id}#${count}` }
  })
}
