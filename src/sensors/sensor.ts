// What every sensor is: a provider that declares what it gives and where it works, and what it opens: a sensor that is polled
// on the sampler thread, or streams on the collector thread. A new sensor is one folder and one line in `catalog.ts`.
import type { Absent } from '../base/absence.ts'
import type { Channel } from '../run/channel.ts'
import type { Unmeasured } from '../run/manifest.ts'
import type { SampleSink, StreamSink } from '../run/ports.ts'
import type { Host } from '../host/host.ts'

export type SensorId = string

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

/** What was opened and what is worth knowing of it; or why there is nothing, and what helps. */
export type Opened<S extends PolledSensor | StreamingSensor = PolledSensor | StreamingSensor> =
  | { readonly ok: true; readonly sensor: S; readonly note?: string }
  | Absent

/** What follows the colon in `--sensors kind:argument`; a sensor that has one is never opened by default. */
export interface SensorArgument {
  /** As help and remedies name it. */
  readonly name: 'ADDRESS' | 'FILE' | 'ZONE'
  readonly required: boolean
  /** The flag that gives it, where that is not `--sensors`. */
  readonly by?: string
  /** @throws TailwattError for what cannot be meant, in one sentence that repeats no secret */
  check(text: string, id: SensorId): void
}

/**
 * All there is to know of a sensor before it is opened, and how to open it.
 * @example
 * export const provider: SensorProvider = {
 *   id: 'plug',
 *   summary: 'the plug on my desk',
 *   gives: { text: 'power at the socket', what: 'system_w' },
 *   open: async () => ({ ok: true, sensor: { channels, read, close } }),
 * }
 */
export interface SensorProvider {
  readonly id: SensorId
  readonly summary: string
  /** For `doctor`; and the figure that is missing where it cannot be opened, as `unmeasured` names it: `cpu_w`. */
  readonly gives: { readonly text: string; readonly what: string }
  /** Left out: all, or `open` finds out. */
  readonly platforms?: readonly NodeJS.Platform[]
  /** Of ours: most machines have none, so its absence is told by `doctor`, and in a run only where the user named it. */
  readonly rare?: true
  /** Of ours: what it must be told to find it. A module of the user's takes no argument. */
  readonly argument?: SensorArgument
  /** What `open` gives, and so the thread it is read on. Default `polled`. */
  readonly flow?: 'polled' | 'streaming'
  /** Names of the passwords and keys that it reads, so that nothing it says repeats one. */
  readonly secrets?: readonly string[]
  /**
   * A run opens it once; `doctor` opens it and closes it. What it opened and does not give back it has closed.
   * @param options those of the spec, and what the thread adds ({@link StreamingOptions})
   */
  open(host: Host, options: unknown): Promise<Opened>
}
