// Live meters of the host, its devices and one process, as ticks: what `tailwatt watch` shows. Stores nothing.
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { TailwattError } from '../../base/errors.ts'
import { processStart } from '../../host/process-identity.ts'
import { realHost } from '../../host/real-host.ts'
import type { Channel } from '../../run/channel.ts'
import type { Figure } from '../../run/figure.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import type { GpuReadings } from '../../run/progress.ts'
import { parseDuration } from '../../units/quantity.ts'
import { defaultSensors, sensorProviders } from '../../sensors/catalog.ts'
import type { SensorSpec } from '../../sensors/sensor.ts'
import { type Asked, hostCpuTime, indexByRole, targetCpuTime } from '../../analysis/channels/by-role.ts'
import { deviceOf, deviceReadings, isGpu } from '../../analysis/channels/device-readings.ts'
import { EnergyMeter } from './energy-meter.ts'
import type { DurationInput } from '../options.ts'
import { meanWatts } from '../../analysis/energy/window.ts'

/** The sampler hands over its readings five times a second: more ticks would show the same ones twice. */
const mostTicks = 5
/** A gauge older than this is not shown as the present, ns. */
const freshNs = 5e9

export interface WatchOptions {
  /** Ticks a second, 0.1 to 5. Default 2. */
  readonly hz?: number
  /** A process to follow; the ticks end with it. */
  readonly pid?: number
  /** How long; until `signal` when left out. */
  readonly for?: DurationInput
  readonly sensors?: readonly SensorSpec[]
  readonly signal?: AbortSignal
}

/** Means are over `window_s`, the time since the tick before. `null` is "not measured", never 0. */
export interface WatchTick {
  /** ISO 8601. */
  readonly at: string
  /** Since the watching began. */
  readonly t_s: number
  readonly window_s: number
  /** The host's best account, nothing counted twice. Grade D is a range: its `value` is null. */
  readonly power_w: Figure | null
  readonly cpu: {
    readonly cpus: number
    /** Ratio of all CPUs' time, 0 to 1. */
    readonly busy: number | null
    /** Ratio that the hypervisor gave to others. */
    readonly steal: number | null
    /** Mean of the cores that tell. */
    readonly clock_mhz: number | null
    /** The hottest sensor. */
    readonly temperature_c: number | null
    readonly power_w: Figure | null
  }
  readonly gpus: readonly GpuTick[]
  /** The whole machine, by an external meter or a platform counter. */
  readonly system: { readonly power_w: Figure | null }
  readonly process: ProcessTick | null
  readonly so_far: {
    readonly s: number
    readonly joules: Figure | null
    readonly mean_w: Figure | null
    /** The tick with the largest `power_w`. */
    readonly max_w: Figure | null
    readonly mean_busy: number | null
    readonly max_busy: number | null
  }
  /** Sensors that give nothing at present. */
  readonly outages: readonly { readonly sensor: string; readonly reason: string }[]
  /** On the first tick: what this host does not tell, why, and how to get it. */
  readonly unmeasured?: readonly Unmeasured[]
}

/** A GPU's latest readings, and its mean power over `window_s`. */
export interface GpuTick extends GpuReadings {
  readonly power_w: Figure | null
}

export interface ProcessTick {
  readonly pid: number
  readonly name: string
  readonly state: 'running' | 'ended'
  /** CPUs' worth of time it used, e.g. 1.3. */
  readonly cpus: number | null
  /** Its part of all the CPU time used on the host, 0 to 1. */
  readonly share: number | null
  readonly memory_bytes: number | null
}

/** See `watch` in the public API. */
export async function* watch(options: WatchOptions = {}): AsyncGenerator<WatchTick, void> {
  const { hz = 2, pid, signal } = options
  if (!(hz >= 0.1 && hz <= mostTicks))
    throw new TailwattError('usage', {
      message: `${hz} is no number of ticks a second from 0.1 to ${mostTicks}`,
      verb: 'watch',
    })
  const total = durationS(options.for)
  const start = pid === undefined ? undefined : processStart(pid)
  if (pid !== undefined && start === undefined) throw new TailwattError('process-not-found', { pid })
  const meter = await EnergyMeter.start({
    specs: options.sensors ?? defaultSensors(({ what }) => what !== 'cpu_counters'),
    hz: Math.max(10, 4 * hz),
    keep: ({ quantity }) => quantity === 'energy' || quantity === 'power' || quantity === 'time',
  })
  try {
    if (pid !== undefined) meter.watch(pid)
    if (!(await firstReading(meter, signal))) return
    const watcher = new Watcher(meter, pid)
    let planned = meter.now()
    const end = planned + total * 1e9
    for (let first = true; ; first = false) {
      planned = Math.min(end, Math.max(planned + 1e9 / hz, meter.now()))
      if (!(await pause((planned - meter.now()) / 1e6, signal))) return
      const ended = pid !== undefined && processStart(pid) !== start
      const tick = watcher.tick(ended)
      yield first ? { ...tick, unmeasured: watcher.unmeasured } : tick
      if (ended || planned >= end) return
    }
  } finally {
    await meter.stop()
  }
}

function durationS(text: DurationInput | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY
  const ns = typeof text === 'number' ? text : parseDuration(text)
  if (ns === undefined || !(ns > 0))
    throw new TailwattError('usage', { message: `${text} is no duration`, verb: 'watch' })
  return ns / 1e9
}

/** Sensors that are slow to begin are not waited for longer than a second. False when the signal came. */
async function firstReading(meter: EnergyMeter, signal: AbortSignal | undefined): Promise<boolean> {
  const patience = meter.now() + 1e9
  while (meter.channels.length > 0 && !Number.isFinite(meter.newest) && meter.now() < patience)
    if (!(await pause(20, signal))) return false
  return true
}

/** False when the signal came before the time was over. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await sleep(Math.max(0, ms), undefined, signal ? { signal } : {})
    return true
  } catch (error) {
    if (signal?.aborted) return false
    throw error
  }
}

class Watcher {
  readonly #meter: EnergyMeter
  readonly #pid: number | undefined
  readonly #name: string
  readonly #span: ReturnType<EnergyMeter['open']>
  readonly #begun: number
  #from: number
  #max: Figure | null = null
  #busiest: number | null = null

  constructor(meter: EnergyMeter, pid: number | undefined) {
    this.#meter = meter
    this.#pid = pid
    this.#name = pid === undefined ? '' : (realHost().readFile(`/proc/${pid}/comm`)?.trim() ?? `process ${pid}`)
    this.#begun = meter.now()
    this.#from = Number.isFinite(meter.newest) ? meter.roundStart : this.#begun
    this.#span = meter.open(this.#from)
  }

  tick(ended: boolean): WatchTick {
    const meter = this.#meter
    const from = this.#from
    const to = Math.max(from, meter.newest)
    const { seconds, total, system, cpu } = meter.between(from, to)
    const power_w = meanWatts(total, seconds)
    const busy = this.#busy(hostCpuTime, from, to)
    if (power_w && topOf(power_w) > topOf(this.#max)) this.#max = power_w
    if (busy !== null) this.#busiest = Math.max(this.#busiest ?? 0, busy)
    const all = meter.energy(this.#span, to)
    const readings = deviceReadings(meter.channels, (index) => meter.last(index, freshNs))
    const tick: WatchTick = {
      at: new Date().toISOString(),
      t_s: (meter.now() - this.#begun) / 1e9,
      window_s: seconds,
      power_w,
      cpu: {
        cpus: cpus().length,
        busy,
        steal: this.#busy({ role: 'steal', subject: 'host' }, from, to),
        ...readings.cpu,
        power_w: meanWatts(cpu, seconds),
      },
      gpus: readings.gpus.map((gpu) => this.#gpu(gpu, from, to)),
      system: { power_w: meanWatts(system, seconds) },
      process: this.#pid === undefined ? null : this.#process(this.#pid, ended, from, to),
      so_far: {
        s: all.seconds,
        joules: all.total,
        mean_w: meanWatts(all.total, all.seconds),
        max_w: this.#max,
        mean_busy: this.#busy(hostCpuTime, this.#span.from, to),
        max_busy: this.#busiest,
      },
      outages: meter
        .outages(to, Number.POSITIVE_INFINITY)
        .map(({ sensor, reason }) => ({ sensor, reason }))
        .concat(meter.failure === undefined ? [] : [{ sensor: 'all', reason: meter.failure }]),
    }
    if (to > from) this.#from = meter.roundStart
    return tick
  }

  /** What the sensors said when they were opened, and what none of those that are open gives. */
  get unmeasured(): readonly Unmeasured[] {
    const { channels, unmeasured: told } = this.#meter
    const power = ({ quantity }: Channel): boolean => quantity === 'energy' || quantity === 'power'
    const of = (...scopes: readonly Channel['scope'][]): boolean =>
      channels.some((channel) => power(channel) && scopes.includes(channel.scope))
    const given = {
      system_w: of('wall', 'system', 'psys'),
      cpu_w: of('package'),
      cpu_busy: indexByRole(channels, hostCpuTime) >= 0,
      cpu_clock: channels.some((channel) => channel.quantity === 'clock' && !isGpu(channel)),
      cpu_temperature: channels.some((channel) => channel.quantity === 'temperature' && !isGpu(channel)),
    }
    const remedy = '`tailwatt doctor` says what this host can measure'
    const absent = Object.entries(given).flatMap(([what, there]) =>
      there || told.some((row) => row.what === what)
        ? []
        : [{ what, reason: 'no sensor of this host gives it', remedy }],
    )
    return [...told.filter(({ what }) => !isCounters(what)), ...absent]
  }

  #busy(asked: Asked, from: number, to: number): number | null {
    const rise = this.#meter.rise(asked, from, to)
    return rise ? Math.min(1, rise.value / ((to - from) / 1e9) / cpus().length) : null
  }

  #gpu(readings: GpuReadings, from: number, to: number): GpuTick {
    const own = (channel: Channel): boolean => isGpu(channel) && deviceOf(channel) === readings.device
    const { seconds, gpu, total } = this.#meter.between(from, to, own)
    return { ...readings, power_w: meanWatts(gpu ?? total, seconds) }
  }

  #process(pid: number, ended: boolean, from: number, to: number): ProcessTick {
    const meter = this.#meter
    const index = indexByRole(meter.channels, { role: 'memory-used', subject: 'target' })
    const own = ended ? undefined : meter.rise(targetCpuTime, from, to)
    const host = meter.rise(hostCpuTime, from, to)
    return {
      pid,
      name: this.#name,
      state: ended ? 'ended' : 'running',
      cpus: own ? own.value / ((to - from) / 1e9) : null,
      share: own && host && host.value > 0 ? Math.min(1, own.value / host.value) : null,
      memory_bytes: ended || index < 0 ? null : (meter.last(index, freshNs) ?? null),
    }
  }
}

/** Counters of processes and processors, which no tick shows: nobody misses one. */
const isCounters = (what: string): boolean =>
  what === 'cpu_counters' ||
  sensorProviders.some(
    ({ id, gives }) => (gives.what === 'cpu_counters' || gives.what === 'utilization') && what.startsWith(`${id}/`),
  )

const topOf = (figure: Figure | null): number => figure?.value ?? figure?.high ?? Number.NEGATIVE_INFINITY
