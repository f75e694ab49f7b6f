// Opens the sensors of specs within a time limit. What cannot be opened becomes a row that says why not, and the others go on.
import type { Host } from '../../host/host.ts'
import type { Channel } from '../../run/channel.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import { findSensorProvider } from '../../sensors/catalog.ts'
import { closeQuietly } from '../../sensors/close-quietly.ts'
import type { PolledSensor, SensorProvider, SensorSpec, StreamingSensor } from '../../sensors/sensor.ts'
import { formatNumber } from '../../units/quantity.ts'
import { absences, type Declared, type SensorAbsence } from './absences.ts'
import { messageOf, TooLate, within } from './time-limit.ts'

/** How long a sensor may take to open. What is slower would hold up the run for its own sake. */
export const openMs = 2000

/** Channels kept of one sensor: fifty GPUs with twenty readings each. What a meter says must not weigh on what is measured. */
export const mostChannels = 1024

/** An opened sensor; the channels kept of it are `first … first + kept − 1` of all. */
export interface OpenSensor<S> {
  readonly spec: SensorSpec
  readonly sensor: S
  readonly first: number
  readonly kept: number
}

export interface Opening<S> {
  readonly opened: readonly OpenSensor<S>[]
  readonly channels: readonly Channel[]
  readonly unmeasured: readonly Unmeasured[]
  readonly warnings: readonly string[]
}

export interface OpenContext {
  readonly host: Host
  /** Added to the options of every spec. */
  readonly options: Readonly<Record<string, unknown>>
  readonly wanted?: Wanted
}

/** A sensor that gives nothing of this is closed again. Cloneable. */
export interface Wanted {
  /** What it has a channel of. */
  readonly quantities: readonly Channel['quantity'][]
  /** Or what its provider declares to give. */
  readonly what: readonly string[]
}

type Sensors = { readonly polled: PolledSensor; readonly streaming: StreamingSensor }

/** Opens what can be opened; the rest are rows that say why not. Streaming sensors, which wait, are opened side by side. */
export async function openSensors<Flow extends keyof Sensors>(
  flow: Flow,
  specs: readonly SensorSpec[],
  context: OpenContext,
): Promise<Opening<Sensors[Flow]>> {
  const attempts: Attempt<Sensors[Flow]>[] = []
  if (flow === 'streaming')
    attempts.push(...(await Promise.all(specs.map((spec) => openOne<Sensors[Flow]>(spec, context)))))
  else for (const spec of specs) attempts.push(await openOne<Sensors[Flow]>(spec, context))
  const opened: OpenSensor<Sensors[Flow]>[] = []
  const channels: Channel[] = []
  const rows: SensorAbsence[] = []
  const lacks: Unmeasured[] = []
  const warnings: string[] = []
  for (const attempt of attempts) {
    if ('reason' in attempt) {
      rows.push(attempt)
      continue
    }
    const { spec, sensor } = attempt
    if (!isWanted(attempt, context.wanted)) {
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

type Attempt<S> = (Declared & { readonly sensor: S }) | SensorAbsence

const isWanted = (
  { provider, sensor }: Declared & { readonly sensor: PolledSensor | StreamingSensor },
  wanted: Wanted | undefined,
): boolean =>
  wanted === undefined ||
  (provider !== undefined && wanted.what.includes(provider.gives.what)) ||
  sensor.channels.some(({ quantity }) => wanted.quantities.includes(quantity))

async function openOne<S extends PolledSensor | StreamingSensor>(
  spec: SensorSpec,
  { host, options }: OpenContext,
): Promise<Attempt<S>> {
  let provider: SensorProvider | undefined
  const absent = (reason: string, remedy = '`tailwatt doctor` says what it needs'): SensorAbsence => ({
    spec,
    ...(provider ? { provider } : {}),
    reason,
    remedy,
  })
  const open = async (): Promise<Attempt<S>> => {
    provider = await findSensorProvider(spec.kind)
    if (!provider) return absent('there is no such sensor')
    const opened = await provider.open(host, { ...spec.options, ...options })
    return opened.ok ? { spec, provider, sensor: opened.sensor as S } : absent(opened.reason, opened.remedy)
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
