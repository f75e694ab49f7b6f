// Watching a share while the samples still come in, without the error that looking often brings: an e-process, whose
// bound holds at every moment at once (Ville's inequality; Robbins 1970, Ramdas et al. 2023).
import { betaCdf, logGamma } from './beta.ts'
import { varianceInflation } from './dependence.ts'

/** Requests that make one block; dependence is judged between blocks. */
const block = 25
const minBlocks = 16

/**
 * Decides whether a share of events lies above `limit`, at any time, with at most `alpha` false alarms over the whole
 * watch. Dependent samples count only as many as they are worth (variance of blocks over the binomial one).
 */
export class ShareWatch {
  readonly #limit: number
  readonly #alpha: number
  readonly #blocks: number[] = []
  #inBlock = 0
  #eventsInBlock = 0
  #n = 0
  #events = 0

  /** @param limit the share allowed, in (0, 1) */
  constructor(limit: number, alpha = 0.05) {
    this.#limit = limit
    this.#alpha = alpha
  }

  add(event: boolean): void {
    this.#n++
    this.#inBlock++
    if (event) {
      this.#events++
      this.#eventsInBlock++
    }
    if (this.#inBlock === block) {
      this.#blocks.push(this.#eventsInBlock)
      this.#inBlock = 0
      this.#eventsInBlock = 0
    }
  }

  get share(): number {
    return this.#n === 0 ? 0 : this.#events / this.#n
  }

  /** True once the share is above the limit beyond doubt. */
  exceeded(): boolean {
    if (this.#blocks.length < minBlocks || this.share <= this.#limit) return false
    const worth = 1 / this.#inflation()
    return logEvidence(this.#events * worth, this.#n * worth, this.#limit) > Math.log(1 / this.#alpha)
  }

  #inflation(): number {
    // Each block stands for its samples, in time order: `block` comparisons with a running count of its events.
    const blocks = this.#blocks
    return varianceInflation((i) => i % block < blocks[Math.floor(i / block)]!, blocks.length * block, 0.95)
  }
}

/** ln of the uniform mixture over shares above `limit` against the limit itself, after `k` events of `n`. */
export function logEvidence(k: number, n: number, limit: number): number {
  const a = k + 1
  const b = n - k + 1
  const above = 1 - betaCdf(limit, a, b)
  if (above <= 0) return Number.NEGATIVE_INFINITY
  const mixture = logGamma(a) + logGamma(b) - logGamma(a + b) + Math.log(above) - Math.log1p(-limit)
  return mixture - (k * Math.log(limit) + (n - k) * Math.log1p(-limit))
}
