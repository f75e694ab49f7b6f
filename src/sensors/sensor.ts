// What every sensor is: a provider that says whether it can work here (and how to make it), and an opened sensor that
// is polled on the sampler thread, or streams on the collector thread. A new sensor is one folder, one line in
// `catalog.ts`, one fixture, one contract test.
import type { Channel } from '../run/channel.ts'
import type { Unmeasured } from '../run/manifest.ts'
import type { SampleSink, StreamSink } from '../run/ports.ts'
import type { Host } from '../host/host.ts'

export type SensorId = string

/** Expected absence is data with a remedy, not an exception. */
export type Probe =
  | { readonly ok: true; readonly gives: string; readonly note?: string }
  | { readonly ok: false; readonly gives: string; readonly reason: string; readonly remedy: string }

/** Cloneable, because sensors are opened on another thread. */
export interface SensorSpec {
  readonly kind: SensorId
  readonly options: Readonly<Record<string, unknown>>
  /** The user named it: that it cannot be opened is said before the load starts. */
  readonly asked?: boolean
}

export interface PolledSensor {
  readonly channels: readonly Channel[]
  /**
   * What a sensor that works in part cannot give here: goes into the run's `unmeasured`. It may grow while the sensor is
   * read, as when only the target's own process refuses something.
   */
  readonly lacks?: readonly Unmeasured[]
  /** Reads every channel once; `at` is ns since the run's epoch. `retry` = nothing this time, `ended` = gone for good. */
  read(at: number, out: SampleSink): 'ok' | 'retry' | 'ended'
  close(): void
}

/** For sources that are waited for (HTTP, child processes); everything about it may fail or hang, and the run goes on. */
export interface StreamingSensor {
  readonly channels: readonly Channel[]
  /** Readings come until `close`, on the run's clock ({@link StreamingOptions}); a rejection is the sensor's end. */
  start(out: StreamSink): Promise<void>
  /** May put a last reading, which covers the end of the measured window. */
  close(): Promise<void>
}

/** What the collector adds to the options of a streaming sensor. */
export interface StreamingOptions {
  /** The run's clock: ns since its epoch. */
  readonly clock: () => number
  /** Int32 [pid of the target, 0 before it runs]; then, at byte 8, float64: when that was, on the run's clock. */
  readonly watched?: SharedArrayBuffer
}

export interface SensorProvider {
  readonly id: SensorId
  readonly summary: string
  /** What `open` gives, and so the thread it is read on. Default `polled`. */
  readonly flow?: 'polled' | 'streaming'
  /** `options` are those of the spec, where there is one. */
  probe(host: Host, options?: unknown): Promise<Probe>
  open(host: Host, options: unknown): Promise<PolledSensor | StreamingSensor>
}
