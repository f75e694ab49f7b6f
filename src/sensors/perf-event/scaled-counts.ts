// More events than the processor has counters take turns. What a group counted while it had its turn is scaled to the time
// in which it was to count; the share that was counted is kept, because the rest is an estimate.

/** Counts of one group of events over all its tasks or CPUs, and the two times behind them, ns. */
export interface CountTotals {
  readonly counts: Float64Array
  enabled: number
  running: number
}

export const countTotals = (size: number): CountTotals => ({ counts: new Float64Array(size), enabled: 0, running: 0 })

/** The latest reading of one group on one task or CPU. */
export class ScaledCounts {
  readonly #counts: Float64Array
  #enabled = 0
  #running = 0

  constructor(size: number) {
    this.#counts = new Float64Array(size)
  }

  /**
   * Adds what was counted since the last call. An interval without a turn is added with the next that has one: its work is
   * scaled from that, never taken for none. Counts that fell are no counts: they are begun anew.
   */
  add(counts: Float64Array, enabled: number, running: number, to: CountTotals): void {
    const asked = enabled - this.#enabled
    const counted = running - this.#running
    if (counted === 0 && asked >= 0) return
    if (counted < 0 || asked < 0 || fell(counts, this.#counts)) return this.#keep(counts, enabled, running)
    // The two clocks are read one after the other.
    const scale = Math.max(1, asked / counted)
    for (let i = 0; i < counts.length; i++) to.counts[i]! += (counts[i]! - this.#counts[i]!) * scale
    to.enabled += Math.max(asked, counted)
    to.running += counted
    this.#keep(counts, enabled, running)
  }

  #keep(counts: Float64Array, enabled: number, running: number): void {
    this.#counts.set(counts)
    this.#enabled = enabled
    this.#running = running
  }
}

function fell(counts: Float64Array, before: Float64Array): boolean {
  for (let i = 0; i < counts.length; i++) if (counts[i]! < before[i]!) return true
  return false
}
