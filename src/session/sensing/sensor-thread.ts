// What the sampler and the collector thread send to the main thread: messages, and readings on their way out.
import type { Channel } from '../../run/channel.ts'
import type { Occurrence } from '../../run/event.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import { allocateSamples, type SampleChunk } from '../../run/table.ts'
import type { PolledSensor, StreamingSensor } from '../../sensors/sensor.ts'
import type { OpenSensor } from './open-sensors.ts'

/** How long a sensor may take to close, its last reading included. */
export const closeMs = 1000

/** Messages from a sensor thread. */
export type SensorMessage =
  | {
      readonly kind: 'ready'
      readonly channels: readonly Channel[]
      readonly unmeasured: readonly Unmeasured[]
      /** Of sensors that the user named. */
      readonly warnings: readonly string[]
    }
  | { readonly kind: 'samples'; readonly chunk: SampleChunk }
  | { readonly kind: 'event'; readonly event: Occurrence }
  | {
      readonly kind: 'stopped'
      readonly gap_ms: SamplingGaps
      readonly cpu_s: number
      /** What came to light after `ready`. */
      readonly unmeasured: readonly Unmeasured[]
    }

export interface SamplingGaps {
  readonly p50: number | null
  readonly p99: number | null
  readonly max: number | null
}

/** Readings on their way to the main thread. */
export class ReadingRows {
  #channel: number[] = []
  #t: number[] = []
  #value: number[] = []

  /**
   * False for what is no reading: a channel the sensor does not have, a time or a value that is no number. NaN passes: it
   * marks an interval nobody knows.
   */
  put(
    { first, sensor, kept }: OpenSensor<PolledSensor | StreamingSensor>,
    channel: number,
    t: number,
    value: number,
  ): boolean {
    if (!Number.isInteger(channel) || channel < 0 || channel >= sensor.channels.length) return false
    if (!Number.isFinite(t) || typeof value !== 'number' || Math.abs(value) === Number.POSITIVE_INFINITY) return false
    // Left out, and said so.
    if (channel >= kept) return true
    this.#channel.push(first + channel)
    this.#t.push(t)
    this.#value.push(value)
    return true
  }

  /** What came since the last call; `undefined` when nothing did. */
  take(): SampleChunk | undefined {
    const { length } = this.#t
    if (length === 0) return undefined
    const chunk = allocateSamples(length)
    chunk.channel.set(this.#channel)
    chunk.t.set(this.#t)
    chunk.value.set(this.#value)
    this.#channel = []
    this.#t = []
    this.#value = []
    return chunk
  }
}
