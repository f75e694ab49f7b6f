// A meter between the socket and the machine's power supply, whatever its maker: power once a second, and its energy
// counter where it has one. Grade A; the power supply's losses and everything else on the socket are in it.
import type { Absence } from '../../base/absence.ts'
import type { Result } from '../../base/result.ts'
import type { Channel } from '../../run/channel.ts'
import { ChangePoints } from '../change-points.ts'
import type { Metering } from './http-meter.ts'
import type { Timed } from './request-loop.ts'

/** These devices measure about once a second; asking more often repeats readings. */
const periodMs = 1000

export interface WallReading {
  readonly watts: number
  /** Since some moment of the device's own. */
  readonly joules?: number
}

export interface WallMeterOptions {
  /** The sensor's id, which begins the ids of the channels. */
  readonly sensor: string
  /** The device's address. */
  readonly device: string
  /** Half-width of the device class's error, as a share. */
  readonly systematic: number
  readonly hasCounter: boolean
  readonly request: () => Promise<Result<Timed<WallReading>, Absence>>
}

export function wallMeter(options: WallMeterOptions): Metering<WallReading> {
  const counter = new ChangePoints()
  return {
    channels: channelsOf(options),
    periodMs,
    request: options.request,
    put: ({ watts, joules }, t, out) => {
      out.put(0, t, watts)
      if (options.hasCounter && joules !== undefined) counter.add(t, joules, (at, value) => out.put(1, at, value))
    },
  }
}

// The order is that of `put` above.
function channelsOf({ sensor, device, systematic, hasCounter }: WallMeterOptions): readonly Channel[] {
  const base = {
    sensor,
    scope: 'wall',
    device,
    grade: 'A',
    period_ms: periodMs,
    systematic,
  } as const
  const power: Channel = { ...base, id: `${sensor}/${device}/power`, quantity: 'power', unit: 'W', kind: 'gauge' }
  const energy: Channel = { ...base, id: `${sensor}/${device}/energy`, quantity: 'energy', unit: 'J', kind: 'counter' }
  return hasCounter ? [power, energy] : [power]
}
