// What every sensor is: a provider that says whether it can work here (and how to make it), and an opened sensor that
// is polled on the sampler thread. A new sensor is one folder, one line in `catalog.ts`, one fixture, one contract test.
import type { Channel } from '../run/channel.ts'
import type { Unmeasured } from '../run/manifest.ts'
import type { SampleSink } from '../run/ports.ts'
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
}

export interface PolledSensor {
  readonly channels: readonly Channel[]
  /** What a sensor that works in part cannot give here: goes into the run's `unmeasured`. */
  readonly lacks?: readonly Unmeasured[]
  /** Reads every channel once; `at` is ns since the run's epoch. `retry` = nothing this time, `ended` = gone for good. */
  read(at: number, out: SampleSink): 'ok' | 'retry' | 'ended'
  close(): void
}

export interface StreamingSensor {
  readonly channels: readonly Channel[]
  start(out: SampleSink): Promise<void>
  close(): Promise<void>
}

export interface SensorProvider {
  readonly id: SensorId
  readonly summary: string
  probe(host: Host): Promise<Probe>
  open(host: Host, options: unknown): Promise<PolledSensor | StreamingSensor>
}
