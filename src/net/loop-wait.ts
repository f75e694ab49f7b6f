// Hot path. Lets the event loop turn until something ended or a planned time has come.
import { pauseBetweenTurns } from './spin-pause.ts'
import { Ticker } from './ticker.ts'

/** What is due within this is waited for by turn after turn, ns. */
const closeNs = 20_000

export class LoopWait {
  readonly #now: () => number
  readonly #ticker: Ticker | undefined
  #wake: (() => void) | undefined
  #ended = false

  /**
   * @param epoch of the run's clock, a reading of `process.hrtime.bigint`
   * @param spin polls the loop without pause: neither the next request nor an answer waits for a thread to wake up
   */
  constructor(now: () => number, epoch: bigint, spin: boolean) {
    this.#now = now
    this.#ticker = spin ? undefined : new Ticker(epoch)
  }

  /** Something ended: who waits goes on. */
  ended(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** Resolves when something ended, at `at` (ns on the run's clock), or after one turn where either is over already. */
  until(at: number): Promise<void> {
    const left = at - this.#now()
    if (!this.#ticker && left > closeNs && !this.#ended) pauseBetweenTurns()
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wake = undefined
        this.#ended = false
        resolve()
      }
      if (!this.#ticker || this.#ended || left <= 0) setImmediate(wake)
      else {
        this.#wake = wake
        if (Number.isFinite(at)) this.#ticker.wakeAt(at, () => this.#wake?.())
      }
    })
  }

  async close(): Promise<void> {
    await this.#ticker?.close()
  }
}
