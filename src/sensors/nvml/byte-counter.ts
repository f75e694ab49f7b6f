// The PCIe byte counters of a GPU over wraps. nvml.h says of fields 197 and 198 that they wrap, and not where: users found
// 32 bits on A100, which a PCIe 5 ×16 link fills in 68 ms. Where a wrap may have gone unseen the interval is unknown.
const range = 2 ** 32
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
export const fillTime = (ceiling: number): number => range / ceiling

/** Whether a counter may wrap more often than it is seen. */
export const mayWrapUnseen = (ceiling: number, bits: 32 | 64, seconds: number): boolean =>
  bits === 32 && seconds + lateness >= fillTime(ceiling)

export class ByteCounter {
  readonly #ceiling: number
  #last: number | undefined
  #at = 0
  #total = 0

  /** @param ceiling most that can come, B/s */
  constructor(ceiling: number) {
    this.#ceiling = ceiling
  }

  /** Bytes since the first reading, without the intervals that are unknown. */
  get bytes(): number {
    return this.#total
  }

  /**
   * False when nobody knows what came since the last reading: a 32-bit counter that may have wrapped twice, or a 64-bit one
   * that fell.
   * @param at ns
   */
  update(raw: number, bits: 32 | 64, at: number): boolean {
    const last = this.#last
    const seconds = (at - this.#at) / 1e9
    this.#last = raw
    this.#at = at
    if (last === undefined) return true
    const step = raw - last
    if (bits === 64) {
      if (step < 0) return false
      this.#total += step
      return true
    }
    // By time alone: were it by what came too, the busy intervals would be known and the idle ones not, and a mean too high.
    if (mayWrapUnseen(this.#ceiling, bits, seconds)) return false
    this.#total += step < 0 ? step + range : step
    return true
  }
}
