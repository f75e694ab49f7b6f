// The sampler's readings as energy between any two moments, and sensors that went away. `PowerMonitor` and `watch` are faces
// of it.
import { type Asked, indexByRole } from '../../analysis/channels/by-role.ts'
import type { ChannelSeries } from '../../analysis/channels/channel-series.ts'
import { counterDelta } from '../../analysis/channels/counter-delta.ts'
import type { Channel } from '../../run/channel.ts'
import type { Figure } from '../../run/figure.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import type { SampleChunk } from '../../run/table.ts'
import type { Occurrence } from '../../run/event.ts'
import type { SensorSpec } from '../../sensors/sensor.ts'
import { SampleRing } from '../sensing/sample-ring.ts'
import type { Wanted } from '../sensing/open-sensors.ts'
import { startSensing, type Sensing } from '../sensing/sensing.ts'
import { EnergyCurves, type Edges } from '../../analysis/energy/energy-curves.ts'
import { boundedBy, periodOf, type WindowEnergy } from '../../analysis/energy/window.ts'

/** Rows kept of what is not energy: 0.6 MB. */
const ringRows = 32_768
/** Curves that grow more slowly than this are not waited for, ns. */
const patience = 1.1e9
/** A begin is fixed when the readings after it show what came: so long after it, ns, but while it is not forgotten yet. */
const lookBack = 1e9
const lookBackReadings = 500
const outagesKept = 64

export interface EnergyMeterOptions {
  readonly specs: readonly SensorSpec[]
  readonly hz: number
  /** See {@link startSensing}. */
  readonly wanted?: Wanted
  /** Which channels are kept over time; of the others only the latest reading is. */
  readonly keep?: (channel: Channel) => boolean
  /** Called after each batch of readings. */
  readonly onReadings?: () => void
}

/** A sensor that gave nothing for a while, or from then on. */
export interface Outage {
  readonly sensor: string
  readonly reason: string
  /** ns since the epoch; `to` is open while it lasts. */
  readonly from: number
  to: number | undefined
}

/** A window that is open. */
export interface OpenSpan {
  readonly from: number
  /** Its begin on each curve, once that is certain. */
  edges: Edges | undefined
}

export class EnergyMeter {
  readonly samplingNs: number
  readonly #epoch: bigint
  readonly #spans = new Set<OpenSpan>()
  readonly #outages: Outage[] = []
  #sensing: Sensing | undefined
  #ring = new SampleRing(0, 1)
  #curves = new EnergyCurves([], 0)
  #kept: readonly boolean[] = []
  #failure: string | undefined

  private constructor(hz: number) {
    this.samplingNs = 1e9 / hz
    // The last whole second of the monotonic clock, as in a run.
    this.#epoch = (process.hrtime.bigint() / 1_000_000_000n) * 1_000_000_000n
  }

  static async start(options: EnergyMeterOptions): Promise<EnergyMeter> {
    const meter = new EnergyMeter(options.hz)
    const early: SampleChunk[] = []
    const sensing = await startSensing({
      specs: options.specs,
      hz: options.hz,
      epoch: meter.#epoch,
      ...(options.wanted ? { wanted: options.wanted } : {}),
      onSamples: (chunk) => {
        if (!meter.#sensing) return void early.push(chunk)
        meter.#add(chunk)
        options.onReadings?.()
      },
      onEvent: (event) => {
        meter.#event(event)
        options.onReadings?.()
      },
    })
    meter.#sensing = sensing
    meter.#ring = new SampleRing(sensing.channels.length, ringRows)
    meter.#curves = new EnergyCurves(sensing.channels, meter.samplingNs)
    meter.#kept = sensing.channels.map((channel, i) => !meter.#curves.has(i) && (options.keep?.(channel) ?? true))
    for (const chunk of early) meter.#add(chunk)
    return meter
  }

  get channels(): readonly Channel[] {
    return this.#sensing!.channels
  }
  get unmeasured(): readonly Unmeasured[] {
    return this.#sensing!.unmeasured
  }
  /** Why the sampler is no more; `undefined` while it is. */
  get failure(): string | undefined {
    return this.#failure
  }
  /** Bytes of the readings that are kept: it does not grow. */
  get bytes(): number {
    return this.#ring.bytes + this.#curves.bytes
  }
  /** Time of the latest reading, ns since the epoch; −∞ before the first. */
  get newest(): number {
    return this.#ring.newest
  }

  /** Time of the first reading of the latest round, ns: a window that begins here cuts no step of a polled sensor. */
  get roundStart(): number {
    const { newest } = this.#ring
    let start = newest
    for (let index = 0; index < this.channels.length; index++) {
      const { t } = this.#ring.last(index)
      if (t > newest - this.samplingNs / 2 && t < start) start = t
    }
    return start
  }

  now(): number {
    return Number(process.hrtime.bigint() - this.#epoch)
  }

  watch(pid: number): void {
    this.#sensing!.watch(pid)
  }
  unref(): void {
    this.#sensing!.unref()
  }

  /** Latest reading of a channel that is not older than `within` ns. */
  last(index: number, within: number): number | undefined {
    const { t, value } = this.#ring.last(index)
    return this.#ring.newest - t <= within && Number.isFinite(value) ? value : undefined
  }

  open(from: number): OpenSpan {
    const span: OpenSpan = { from, edges: undefined }
    this.#spans.add(span)
    return span
  }

  close(span: OpenSpan): void {
    this.#spans.delete(span)
  }

  /** Energy from a span's begin to `to`, however long ago it began; the span stays open. */
  energy(span: OpenSpan, to: number): WindowEnergy {
    const { from } = span
    return this.#curves.between(span.edges ?? this.#curves.edges(from), this.#curves.edges(to), (to - from) / 1e9)
  }

  /** Energy between two moments of the last thousand readings. */
  between(from: number, to: number, only?: (channel: Channel) => boolean): WindowEnergy {
    return this.#curves.between(this.#curves.edges(from), this.#curves.edges(to), (to - from) / 1e9, only)
  }

  /** Whether every channel that still reads has a reading at or after `t`, so that an edge there can be interpolated. */
  covers(t: number): boolean {
    const { newest } = this.#ring
    if (newest < t || !this.#curves.final(t, newest, patience)) return false
    if (newest >= t + 1.5 * this.samplingNs) return true
    return this.channels.every((_, index) => {
      const { t: last } = this.#ring.last(index)
      return last >= t || last < newest - 3 * this.samplingNs
    })
  }

  /** The figures whose sensors are too slow for the window bounded by their readings; `below` is about the total. */
  resolved(energy: WindowEnergy, from: number, to: number): WindowEnergy & { readonly below: boolean } {
    const bound = (
      figure: Figure | null,
      scope: 'total' | 'system' | 'cpu' | 'gpu',
    ): readonly [Figure | null, boolean] => {
      const period = Math.max(periodOf(figure, this.channels, this.samplingNs), this.#curves.spacing(figure))
      if (to - from >= 2 * period) return [figure, false]
      // A slow counter shows the window's energy up to a period later.
      const outer = this.between(from - period, to + period)
      return [boundedBy(figure, outer[scope]), true]
    }
    const [total, below] = bound(energy.total, 'total')
    const [[system], [cpu], [gpu]] = [
      bound(energy.system, 'system'),
      bound(energy.cpu, 'cpu'),
      bound(energy.gpu, 'gpu'),
    ]
    return { seconds: energy.seconds, total, system, cpu, gpu, below }
  }

  /** Rise of a counter between two moments, with its 95 % half-width; `undefined` when it was not read. */
  rise(
    asked: Asked,
    from: number,
    to: number,
  ): { readonly id: string; readonly value: number; readonly error: number; readonly n: number } | undefined {
    const index = indexByRole(this.channels, asked)
    if (index < 0 || !(to > from)) return undefined
    const chunk = this.#ring.between(from, to)
    const rows = [...chunk.channel.keys()].filter((row) => chunk.channel[row] === index)
    const series: ChannelSeries = {
      channel: this.channels[index]!,
      t: Float64Array.from(rows, (row) => chunk.t[row]!),
      value: Float64Array.from(rows, (row) => chunk.value[row]!),
    }
    const amount = counterDelta(series, from, to)
    const { id } = series.channel
    return amount && { id, value: amount.value / amount.coverage, error: amount.error, n: amount.n }
  }

  /** Sensors that gave nothing somewhere in the window. */
  outages(from: number, to: number): readonly Outage[] {
    return this.#outages.filter((outage) => outage.from < to && (outage.to ?? Number.POSITIVE_INFINITY) > from)
  }

  async stop(): Promise<void> {
    if (this.#failure === undefined) await this.#sensing!.stop()
  }

  #add(chunk: SampleChunk): void {
    this.#ring.add(chunk, (channel) => this.#kept[channel] ?? false)
    this.#curves.add(chunk)
    for (const span of this.#spans) {
      if (!span.edges && this.#ring.newest > span.from + Math.min(lookBack, lookBackReadings * this.samplingNs))
        span.edges = this.#curves.edges(span.from)
    }
  }

  #event(event: Occurrence): void {
    if (event.kind === 'note') this.#failure = (event as Occurrence<'note'>).data.text
    if (event.kind !== 'sensor') return
    const { id: sensor, state, reason } = (event as Occurrence<'sensor'>).data
    const open = this.#outages.find((outage) => outage.sensor === sensor && outage.to === undefined)
    if (state === 'back') {
      if (open) open.to = event.t
    } else if (!open) this.#outages.push({ sensor, reason, from: event.t, to: undefined })
    if (this.#outages.length > outagesKept) {
      const oldest = this.#outages.findIndex((outage) => outage.to !== undefined)
      if (oldest >= 0) this.#outages.splice(oldest, 1)
    }
  }
}
