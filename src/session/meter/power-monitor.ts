// Energy windows for production code: begin and end around a piece of work, joules with grade and interval back. Sampling
// has a thread of its own; memory does not grow; nothing is written anywhere.
import { TailwattError } from '../../base/errors.ts'
import { processStart } from '../../host/process-identity.ts'
import { hostCpuTime, targetCpuTime } from '../../analysis/channels/by-role.ts'
import type { Figure } from '../../run/figure.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import { defaultSensors } from '../../sensors/catalog.ts'
import type { SensorSpec } from '../../sensors/sensor.ts'
import { EnergyMeter, type OpenSpan } from './energy-meter.ts'
import { meanWatts } from '../../analysis/energy/window.ts'
import type { Wanted } from '../sensing/open-sensors.ts'

/** What is needed for energy and for the share of a process; other sensors are not kept open. */
const wanted: Wanted = { quantities: ['energy', 'power'], what: ['utilization'] }
/** How long an ended window waits for readings that do not come, beside three periods, ms. */
const patienceMs = 1000
/** Watts of `latest()` are a mean over so long at least, ns. */
const latestNs = 1e9

export interface PowerMonitorOptions {
  /** Readings a second, 0.1 to 1000. Default 10. */
  readonly hz?: number
  /** Default: all that give energy or power here. */
  readonly sensors?: readonly SensorSpec[]
  /** Whose CPU time is told beside the energy. Default: this process. */
  readonly pid?: number
}

/** What a window took. `null` is "not measured": `unmeasured` says why, and what would help; it never means 0. */
export interface PowerWindow {
  readonly name: string
  readonly duration_s: number
  /** The host's best account, nothing counted twice. Grade D is a range: its `value` is null, `low` and `high` stand. */
  readonly joules: Figure | null
  /** Mean over the window. */
  readonly watts: Figure | null
  readonly system_j: Figure | null
  readonly cpu_j: Figure | null
  readonly gpu_j: Figure | null
  /** Readings that `joules` rests on (of the sensor with the fewest). */
  readonly n: number
  /**
   * Shorter than two update periods of the sensor: `joules` assumes that the power did not change between the readings
   * around the window, and its interval spans all that they allow. Repeat the work and take the mean.
   */
  readonly below_resolution: boolean
  /** CPU seconds of the process within the window, and its share of all the CPU time of the host. */
  readonly process: { readonly pid: number; readonly cpu_s: Figure | null; readonly share: Figure | null }
  /** Sensors that gave nothing for a part of the window; `to_s` is null when that lasted to its end. */
  readonly outages: readonly {
    readonly sensor: string
    readonly reason: string
    readonly from_s: number
    readonly to_s: number | null
  }[]
  readonly unmeasured: readonly Unmeasured[]
}

/** An open window; `end` may be called once. */
export interface PowerSpan {
  readonly name: string
  end(): Promise<PowerWindow>
}

/** Mean power of the last second (or three periods, whichever is longer). */
export interface LatestPower {
  readonly total_w: Figure | null
  readonly system_w: Figure | null
  readonly cpu_w: Figure | null
  readonly gpu_w: Figure | null
}

interface Open {
  readonly name: string
  readonly span: OpenSpan
}

interface Waiting {
  readonly to: number
  readonly settle: () => void
}

/**
 * Measures windows of a running process; they may nest and overlap, and those that tile another add up to it.
 *
 * Costs at most 1 % of a core at 10 Hz, and 0.6 MB for readings and 74 kB for each power channel however long it runs. A
 * monitor does not keep the process alive.
 * @example
 * const monitor = await PowerMonitor.start({ hz: 10 })
 * const span = monitor.begin('prefill')
 * await work()
 * const { joules, watts } = await span.end()   // { value: 12.4, low: 12.1, high: 12.7, unit: 'J', grade: 'B', … }
 * await monitor.stop()
 */
export class PowerMonitor {
  readonly #meter: EnergyMeter
  readonly #pid: number
  readonly #open = new Map<string, Open[]>()
  readonly #waiting = new Set<Waiting>()
  #stopping: Promise<void> | undefined

  private constructor(meter: EnergyMeter, pid: number) {
    this.#meter = meter
    this.#pid = pid
  }

  /**
   * Resolves when the sensors are open and have been read once. A host without any still gives a monitor: see
   * {@link unmeasured}.
   * @throws TailwattError `monitor-misuse` (a rate that is none), `process-not-found`.
   */
  static async start(options: PowerMonitorOptions = {}): Promise<PowerMonitor> {
    const { hz = 10, pid = process.pid } = options
    if (!(hz >= 0.1 && hz <= 1000))
      throw new TailwattError('monitor-misuse', { message: `a monitor cannot read ${hz} times a second` })
    if (pid !== process.pid && process.platform === 'linux' && processStart(pid) === undefined)
      throw new TailwattError('process-not-found', { pid })
    let monitor: PowerMonitor | undefined
    const meter = await EnergyMeter.start({
      specs: options.sensors ?? defaultSensors(),
      hz,
      wanted,
      // Of what the ring keeps, only CPU times are asked for.
      keep: ({ quantity, scope }) => quantity === 'time' && (scope === 'host' || scope === 'process'),
      onReadings: () => {
        if (monitor) monitor.#settle()
      },
    })
    meter.watch(pid)
    monitor = new PowerMonitor(meter, pid)
    if (meter.channels.length > 0) await monitor.#readings(meter.now())
    meter.unref()
    return monitor
  }

  /** What is not measured here from the start: what, why, and how to get it. */
  get unmeasured(): readonly Unmeasured[] {
    return this.#meter.unmeasured.filter(({ what }) => what.endsWith('_w'))
  }

  /** Bytes that readings take; the number does not grow. */
  get memoryBytes(): number {
    return this.#meter.bytes
  }

  /**
   * Begins a window now. The same name may be open many times (one a request, say): hold on to what `begin` returns.
   * @throws TailwattError `monitor-misuse` after `stop`.
   */
  begin(name: string): PowerSpan {
    if (this.#stopping)
      throw new TailwattError('monitor-misuse', { message: `the window ${name} cannot begin: the monitor was stopped` })
    const open: Open = { name, span: this.#meter.open(this.#meter.now()) }
    const same = this.#open.get(name)
    if (same) same.push(open)
    else this.#open.set(name, [open])
    return { name, end: () => this.#end(name, open) }
  }

  /**
   * Ends the window of that name that was begun last. The end is now; the promise waits for the next reading, so that the
   * edge lies between two.
   * @throws TailwattError `monitor-misuse` when none of that name is open.
   */
  end(name: string): Promise<PowerWindow> {
    return this.#end(name, this.#open.get(name)?.at(-1))
  }

  /** Watts now; `undefined` until there are two readings. */
  latest(): LatestPower | undefined {
    const { newest, samplingNs } = this.#meter
    const { seconds, total, system, cpu, gpu } = this.#meter.between(
      newest - Math.max(latestNs, 3 * samplingNs),
      newest,
    )
    if (![total, system, cpu, gpu].some((figure) => figure !== null)) return undefined
    const watts = (joules: Figure | null): Figure | null => meanWatts(joules, seconds)
    return { total_w: watts(total), system_w: watts(system), cpu_w: watts(cpu), gpu_w: watts(gpu) }
  }

  /** Ends the sampling; windows that were ended get their result, those still open are dropped. May be called again. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    await this.#meter.stop()
    for (const waiting of this.#waiting) waiting.settle()
    for (const list of this.#open.values()) for (const { span } of list) this.#meter.close(span)
    this.#open.clear()
  }

  async #end(name: string, open: Open | undefined): Promise<PowerWindow> {
    const to = this.#meter.now()
    const same = this.#open.get(name) ?? []
    const at = open ? same.indexOf(open) : -1
    if (!open || at < 0) {
      const why = this.#stopping ? 'the monitor was stopped' : 'it was not begun, or has ended already'
      throw new TailwattError('monitor-misuse', { message: `the window ${name} cannot end: ${why}` })
    }
    same.splice(at, 1)
    if (same.length === 0) this.#open.delete(name)
    await this.#readings(to)
    const result = this.#result(open, to)
    this.#meter.close(open.span)
    return result
  }

  #result({ name, span }: Open, to: number): PowerWindow {
    const meter = this.#meter
    const { from } = span
    const { seconds, total, system, cpu, gpu, below } = meter.resolved(meter.energy(span, to), from, to)
    const missing = (
      [
        ['system_w', system],
        ['cpu_w', cpu],
        ['gpu_w', gpu],
      ] as const
    ).flatMap(([what, figure]) => {
      if (figure) return []
      const told = this.unmeasured.filter((row) => row.what === what)
      if (told.length > 0) return told
      const reason = meter.failure ?? 'no sensor for it gave a reading within the window'
      return [{ what, reason, remedy: '`tailwatt doctor` says what this host can measure' }]
    })
    return {
      name,
      duration_s: (to - from) / 1e9,
      joules: total,
      watts: meanWatts(total, seconds),
      system_j: system,
      cpu_j: cpu,
      gpu_j: gpu,
      n: total?.n ?? 0,
      below_resolution: below,
      process: { pid: this.#pid, ...this.#share(from, to) },
      outages: meter.outages(from, to).map((outage) => ({
        sensor: outage.sensor,
        reason: outage.reason,
        from_s: Math.max(0, outage.from - from) / 1e9,
        to_s: outage.to === undefined || outage.to > to ? null : (outage.to - from) / 1e9,
      })),
      unmeasured: missing,
    }
  }

  #share(from: number, to: number): { readonly cpu_s: Figure | null; readonly share: Figure | null } {
    const own = this.#meter.rise(targetCpuTime, from, to)
    const host = this.#meter.rise(hostCpuTime, from, to)
    if (!own) return { cpu_s: null, share: null }
    const half = own.error + tick
    const cpu_s = around(own.value, half, own.n, 's', [own.id])
    if (!host || host.value <= 2 * tick) return { cpu_s, share: null }
    const value = Math.min(1, own.value / host.value)
    const share = around(value, half / host.value + (value * (host.error + tick)) / host.value, own.n, 'ratio', [
      own.id,
      host.id,
    ])
    return { cpu_s, share: { ...share, high: Math.min(1, share.high!) } }
  }

  /** Resolves when every sensor has read at or after `t`, when the monitor stops, or when patience is over. */
  #readings(t: number): Promise<void> {
    if (this.#meter.failure !== undefined || this.#meter.channels.length === 0 || this.#meter.covers(t))
      return Promise.resolve()
    return new Promise((resolve) => {
      // The timer also keeps the process alive until the window has its result.
      const timer = setTimeout(() => waiting.settle(), patienceMs + (3 * this.#meter.samplingNs) / 1e6)
      const waiting: Waiting = {
        to: t,
        settle: () => {
          clearTimeout(timer)
          this.#waiting.delete(waiting)
          resolve()
        },
      }
      this.#waiting.add(waiting)
    })
  }

  #settle(): void {
    const { failure } = this.#meter
    for (const waiting of this.#waiting) if (failure !== undefined || this.#meter.covers(waiting.to)) waiting.settle()
  }
}

/** CPU times of /proc come in ticks; a difference of two may be wrong by one tick either way, s. */
const tick = 0.01

const around = (value: number, half: number, n: number, unit: string, sources: readonly string[]): Figure => ({
  value,
  low: Math.max(0, value - half),
  high: value + half,
  n,
  unit,
  sources,
})
