// A meter at the wall, asked over the network once a second: the second's mean in tenths of a watt, and a counter of
// milliwatt-hours. A reading is stamped with the middle of its round trip.
import { Random } from '../base/random.ts'
import { meterChannels } from './channels.ts'
import { counted, type Put } from './source.ts'
import type { Truth } from './truth.ts'

/** Within the ±1 % of such a meter. */
const gain = 1.004
const wattHour = 3600
/** Between two requests, and of the device's own measuring, ns. */
const period = 1e9

export interface MeterTiming {
  /** Half the round trip of each reading, ns. */
  readonly half: readonly number[]
}

/** Puts all readings of the run. */
export function readMeter(truth: Truth, seed: number, put: Put): MeterTiming {
  const random = new Random(seed + 3)
  const half: number[] = []
  const earlier = 184.5 * wattHour
  let last: number | undefined
  for (let planned = truth.schedule.begin + random.uniform() * period; planned < truth.end; planned += period) {
    const trip = 4e6 + 5e6 * random.exponential()
    const at = planned + trip / 2
    half.push(trip / 2)
    // The device answers with what it had at some moment of the round trip.
    const told = planned + trip * random.uniform()
    put(0, at, counted((gain * truth.between('wall', told - period, told) * 1e9) / period, 0.1))
    const joules = counted((earlier + gain * truth.sum('wall', told)) / wattHour, 1e-3) * wattHour
    // Only a change says when the counter stood where.
    if (last !== undefined && joules !== last) put(1, at, joules)
    last = joules
  }
  return { half }
}

export { meterChannels }
