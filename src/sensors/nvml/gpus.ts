// The polled sensor over some GPUs, whole or parts: one that is lost in mid-run ends its own channels, the others go on.
import type { Channel } from '../../run/channel.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import type { SampleSink } from '../../run/ports.ts'
import type { PolledSensor } from '../sensor.ts'
import { DeviceGone } from './status.ts'

export interface Gpu {
  readonly channels: readonly Channel[]
  readonly lacks?: readonly Unmeasured[]
  /** @param first of its channels among all @throws DeviceGone */
  read(first: number, at: number, out: SampleSink): void
}

export function gpusSensor(gpus: readonly Gpu[], close: () => void): PolledSensor {
  let first = 0
  const placed = gpus.map((gpu) => {
    const place = { gpu, first, alive: true }
    first += gpu.channels.length
    return place
  })
  return {
    channels: gpus.flatMap(({ channels }) => channels),
    lacks: gpus.flatMap(({ lacks = [] }) => lacks),
    read: (at, out) => {
      for (const place of placed) {
        try {
          if (place.alive) place.gpu.read(place.first, at, out)
        } catch (error) {
          if (!(error instanceof DeviceGone)) throw error
          place.alive = false
        }
      }
      return placed.some(({ alive }) => alive) ? 'ok' : 'ended'
    },
    close,
  }
}
