// What happens to each batch of rows that arrives while measuring: stored first, then counted, then shown to the
// watchers (SLA rules, the stop condition). Keeps no row.
import { LogLinearHistogram } from '../stats/histogram.ts'
import { statusNames, type RequestChunk, type RunEvent, type SampleChunk } from '../run/table.ts'
import type { Channel } from '../run/channel.ts'
import type { RunWriter } from '../store/run-folder.ts'
import { LivePower } from './live-power.ts'
import type { Progress } from './options.ts'

export class RunRecorder {
  readonly #writer: RunWriter
  readonly #now: () => number
  readonly #response = new LogLinearHistogram()
  /** How long a finished request waited for its row to be stored, ns: the drain's lag. */
  readonly #lag = new LogLinearHistogram()
  readonly #errors = new Map<string, number>()
  readonly #watchers: ((chunk: RequestChunk) => void)[] = []
  #power: LivePower | undefined
  #sent = 0
  #failed = 0
  #lastDone = 0
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

  watts(): Progress['watts'] {
    return this.#power?.watts()
  }

  /** The sensors' channels, for the live watts. */
  sensing(channels: readonly Channel[]): void {
    this.#power = new LivePower(channels)
  }

  /** `watcher` sees each chunk once, after it was stored. */
  watch(watcher: (chunk: RequestChunk) => void): void {
    this.#watchers.push(watcher)
  }

  requests(chunk: RequestChunk): void {
    if (chunk.length === 0 || !this.#store(() => this.#writer.appendRequests(chunk))) return
    const now = this.#now()
    for (let i = 0; i < chunk.length; i++) {
      const done = chunk.done[i]!
      const status = chunk.status[i]!
      if (status === 0) this.#response.record(done - chunk.scheduled[i]!)
      else this.#fail(status)
      if (done > this.#lastDone) this.#lastDone = done
      this.#lag.record(Math.max(0, now - done))
    }
    this.#sent += chunk.length
    for (const watcher of this.#watchers) watcher(chunk)
  }

  samples(chunk: SampleChunk): void {
    if (chunk.length === 0) return
    this.#store(() => this.#writer.appendSamples(chunk))
    this.#power?.add(chunk)
  }

  event(event: RunEvent): void {
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
