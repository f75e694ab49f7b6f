// What a PCIe link can carry, and what that makes of a GPU's byte counters. nvml.h says of fields 197 and 198 that they wrap,
// and not where: users found 32 bits on A100, which a PCIe 5 ×16 link fills in 68 ms. Where a wrap may have gone unseen the
// interval is unknown.
import { Counter } from '../unwrapped-counter.ts'

const period = 2 ** 32
/** s; a reading is taken a little after its time says. */
const lateness = 0.005

/** Bytes a second and lane, one direction, by generation (encoding taken off; PCIe 6 in flits). */
const laneRates: Readonly<Record<number, number>> = {
  1: 0.25e9,
  2: 0.5e9,
  3: 0.985e9,
  4: 1.969e9,
  5: 3.938e9,
  6: 7.563e9,
}

/** Most a link can carry in one direction, B/s; what is not known is taken as the fastest there is. */
export const linkCeiling = (generation = 6, lanes = 16): number => (laneRates[generation] ?? laneRates[6]!) * lanes

/** s in which a link at `ceiling` B/s fills a 32-bit counter. */
export const fillTime = (ceiling: number): number => period / ceiling

const longestGap = (ceiling: number): number => fillTime(ceiling) - lateness

/** Whether a counter may wrap more often than it is seen. */
export const mayWrapUnseen = (ceiling: number, bits: 32 | 64, seconds: number): boolean =>
  bits === 32 && seconds >= longestGap(ceiling)

/**
 * Refuses no rise and takes every fall of 32 bits for a wrap: what is known goes by time alone. Were it by what came too, the
 * busy intervals would be known and the idle ones not, or the other way round, and a mean wrong.
 * @param ceiling most that can come, B/s
 */
export const byteCounter = (ceiling: number, bits: 32 | 64): Counter =>
  new Counter(bits === 32 ? { period, leastWrap: 0, longestGap: longestGap(ceiling) } : {})
