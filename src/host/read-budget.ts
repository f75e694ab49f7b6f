// Keeps what is dear to read from being read too often: after a reading that took long, the next one waits until the share
// of a core that it costs is back under a limit. Counters lose nothing by it; they come less often.

/** Share of one core that such readings may take. */
const share = 0.005

export class ReadBudget {
  #next = Number.NEGATIVE_INFINITY

  /** @param at ns, on the clock that `spent` is told. */
  due(at: number): boolean {
    return at >= this.#next
  }

  spent(from: number, to: number): void {
    this.#next = from + (to - from) / share
  }
}
