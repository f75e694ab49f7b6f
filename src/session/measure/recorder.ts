// What happens to each batch of rows that arrives while measuring: stored first, then counted, then shown to the
// watchers (SLA rules, the stop condition). Keeps no row.
import { LogLinearHistogram } from '../../stats/histogram.ts'
import { statusNames, type RequestChunk, type SampleChunk } from '../../run/table.ts'
import type { Occurrence } from '../../run/event.ts'
import type { Channel } from '../../run/channel.ts'
import type { RunWriter } from '../../store/run-folder.ts'
import { EnergyCurves } from '../../analysis/energy/energy-curves.ts'
import { deviceReadings } from '../../analysis/channels/device-readings.ts'
import type { Progress } from '../options.ts'
import { SampleRing } from '../sensing/sample-ring.ts'
import { meanWatts } from '../../analysis/energy/window.ts'

/** Fewer requests than half a second has make no percentile, ns. */
const recentWindow = 0.5e9
/** A gauge older than this is not shown as the present, ns. */
const freshNs = 5e9

export class RunRecorder {
  readonly #writer: RunWriter
  readonly #now: () => number
  readonly #response = new LogLinearHistogram()
  /** How long a finished request waited for its row to be stored, ns: the drain's lag. */
  readonly #lag = new LogLinearHistogram()
  readonly #errors = new Map<string, number>()
  readonly #watchers: ((chunk: RequestChunk) => void)[] = []
  readonly #recent = new LogLinearHistogram()
  #recentRequests = 0
  #recentFrom: number | undefined
  #channels: readonly Channel[] = []
  #curves = new EnergyCurves([], 0)
  #watts: Progress['watts']
  /** Of each channel its latest reading, and no others. */
  #latest = new SampleRing(0, 0)
  #sent = 0
  #failed = 0
  #lastDone = 0
  #firstPlanned: number | undefined
  #failure: unknown

  /** `now` gives ns since the run's epoch. */
  constructor(writer: RunWriter, now: () => number) {
    this.#writer = writer
    this.#now = now
  }

  get sent(): number {
    return this.#sent
  }
  get failed(): number {
    return this.#failed
  }
  /** The latest completion seen, ns since the epoch; 0 before the first. */
  get lastDone(): number {
    return this.#lastDone
  }
  /** When the first request was to be sent, ns since the epoch: the zero of the load's times. */
  get firstPlanned(): number | undefined {
    return this.#firstPlanned
  }
  /** What storing failed with, once it failed: nothing is appended after that. */
  get storageFailure(): unknown {
    return this.#failure
  }
  /** The most frequent failure so far, in words. */
  get commonError(): string {
    return [...this.#errors].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'unknown'
  }

  /** Response time so far in ms, from the live histogram; `undefined` before the first success. */
  responseMs(p: number): number | undefined {
    return this.#response.empty ? undefined : this.#response.quantile(p) / 1e6
  }

  drainLagP99Ms(): number {
    return this.#lag.empty ? 0 : this.#lag.quantile(0.99) / 1e6
  }

  /** Mean power of the last second when {@link power} was last asked for; `undefined` while no channel told. */
  get watts(): Progress['watts'] {
    return this.#watts
  }

  /** Requests that ended since it last gave any, and begins anew; `undefined` until half a second is over. */
  takeRecent(): Progress['recent'] {
    const now = this.#now()
    if (now - (this.#recentFrom ??= now) < recentWindow) return undefined
    const histogram = this.#recent
    const at = (p: number): number => histogram.quantile(p) / 1e6
    const recent = {
      s: (now - this.#recentFrom) / 1e9,
      requests: this.#recentRequests,
      ...(histogram.count === 0 ? {} : { p50_ms: at(0.5), p99_ms: at(0.99), max_ms: histogram.max / 1e6 }),
    }
    histogram.reset()
    this.#recentRequests = 0
    this.#recentFrom = now
    return recent
  }

  /** Mean power of the last second by scope. Adds up all channels: not for each request, nor each redrawn line. */
  power(): NonNullable<Progress['power']> {
    const { seconds, total, system, cpu, gpu } = this.#curves.lastSecond(this.#latest.newest)
    // An estimate has no value.
    this.#watts = total
      ? { low: total.value ?? total.low!, high: total.value ?? total.high!, grade: total.grade! }
      : undefined
    return { system_w: meanWatts(system, seconds), cpu_w: meanWatts(cpu, seconds), gpu_w: meanWatts(gpu, seconds) }
  }

  devices(): NonNullable<Progress['devices']> {
    const ring = this.#latest
    return deviceReadings(this.#channels, (index) => {
      const { t, value } = ring.last(index)
      return ring.newest - t <= freshNs && Number.isFinite(value) ? value : undefined
    })
  }

  /**
   * The sensors' channels, for the live figures.
   * @param poll ns between readings of a polled sensor
   */
  sensing(channels: readonly Channel[], poll: number): void {
    this.#channels = channels
    this.#curves = new EnergyCurves(channels, poll)
    this.#latest = new SampleRing(channels.length, 0)
  }

  /** `watcher` sees each chunk once, after it was stored. */
  watch(watcher: (chunk: RequestChunk) => void): void {
    this.#watchers.push(watcher)
  }

  requests(chunk: RequestChunk): void {
    if (chunk.length === 0 || !this.#store(() => this.#writer.append('requests', chunk))) return
    const now = this.#now()
    for (let i = 0; i < chunk.length; i++) {
      const done = chunk.done[i]!
      const status = chunk.status[i]!
      if (status === 0) {
        this.#response.record(done - chunk.scheduled[i]!)
        this.#recent.record(done - chunk.scheduled[i]!)
      } else this.#fail(status)
      if (done > this.#lastDone) this.#lastDone = done
      const planned = chunk.scheduled[i]!
      if (this.#firstPlanned === undefined || planned < this.#firstPlanned) this.#firstPlanned = planned
      this.#lag.record(Math.max(0, now - done))
    }
    this.#sent += chunk.length
    this.#recentRequests += chunk.length
    for (const watcher of this.#watchers) watcher(chunk)
  }

  samples(chunk: SampleChunk): void {
    if (chunk.length === 0) return
    this.#store(() => this.#writer.append('samples', chunk))
    this.#curves.add(chunk)
    this.#latest.add(chunk, () => false)
  }

  event(event: Occurrence): void {
    this.#store(() => this.#writer.appendEvent(event))
  }

  #fail(status: number): void {
    this.#failed++
    const name = status >= 100 ? `HTTP ${status}` : (statusNames[status] ?? `status ${status}`)
    this.#errors.set(name, (this.#errors.get(name) ?? 0) + 1)
  }

  #store(append: () => void): boolean {
    if (this.#failure !== undefined) return false
    try {
      append()
      return true
    } catch (error) {
      this.#failure = error
      return false
    }
  }
}
