// `--until 'p99±5%'`: stop as soon as a percentile's interval is that narrow. Looks at growing sample sizes only, each a
// tenth more than the last, so that looking often neither costs nor flatters.
import { TailwattError } from '../../base/errors.ts'
import { quantileIntervals } from '../../stats/percentile-interval.ts'
import { phaseCode, type RequestChunk } from '../../run/table.ts'

export interface UntilRule {
  readonly text: string
  readonly percentile: number
  /** Half-width of the interval over the value, 0.05 = ±5 %. */
  readonly relative: number
}

/** @throws TailwattError `usage` when the text is not of the form `p99±5%` (or `p99+-5%`). */
export function parseUntil(text: string): UntilRule {
  const match = /^\s*p(\d{1,2}(?:\.\d{1,4})?)\s*(?:±|\+-|\+\/-)\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(text)
  const percentile = match ? Number(match[1]) / 100 : 0
  const relative = match ? Number(match[2]) / 100 : 0
  if (!(percentile > 0 && percentile < 1 && relative > 0 && relative < 1)) {
    throw new TailwattError('usage', { message: `--until needs the form p99±5%, not ${text}`, verb: 'run' })
  }
  return { text, percentile, relative }
}

export class UntilWatch {
  readonly #rule: UntilRule
  #samples = new Float64Array(4096)
  #n = 0
  #next: number

  constructor(rule: UntilRule) {
    this.#rule = rule
    // Ten samples above the percentile are the least that makes it known.
    this.#next = Math.ceil(10 / (1 - rule.percentile))
  }

  add(chunk: RequestChunk): void {
    const load = phaseCode('load')
    for (let i = 0; i < chunk.length; i++) {
      if (chunk.phase[i] !== load || chunk.status[i] !== 0) continue
      if (this.#n === this.#samples.length) {
        const larger = new Float64Array(2 * this.#n)
        larger.set(this.#samples)
        this.#samples = larger
      }
      this.#samples[this.#n++] = chunk.done[i]! - chunk.scheduled[i]!
    }
  }

  reached(): boolean {
    if (this.#n < this.#next) return false
    this.#next = Math.ceil(this.#n * 1.1)
    const { percentile, relative } = this.#rule
    const [estimate] = quantileIntervals(this.#samples.subarray(0, this.#n), [percentile])
    if (estimate?.low === undefined || estimate.high === undefined) return false
    return Math.max(estimate.high - estimate.value, estimate.value - estimate.low) <= relative * estimate.value
  }
}
