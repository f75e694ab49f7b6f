// SLA rules watched while the run goes on, with bounds that stay valid however often one looks. Watches what single
// requests decide: percentiles and the maximum of the response time from above, and the error rate.
import { LogLinearHistogram } from '../../stats/histogram.ts'
import { ShareWatch } from '../../stats/sequential.ts'
import { phaseCode, type RequestChunk } from '../../run/table.ts'
import type { SlaRule } from './rule.ts'

export interface Broken {
  readonly rule: string
  readonly value: number
  readonly unit: string
  readonly limit: number
}

export class SlaWatch {
  readonly #rule: SlaRule
  readonly #share: ShareWatch | undefined
  readonly #response = new LogLinearHistogram()

  constructor(rule: SlaRule) {
    this.#rule = rule
    const upper = rule.comparison === '<' || rule.comparison === '<='
    if (!upper) return
    if (rule.percentile !== undefined) this.#share = new ShareWatch(1 - rule.percentile)
    else if (rule.metric === 'error_rate' && rule.limit > 0 && rule.limit < 1) this.#share = new ShareWatch(rule.limit)
  }

  add(chunk: RequestChunk): void {
    const load = phaseCode('load')
    const limit = this.#rule.limit * 1e6
    for (let i = 0; i < chunk.length; i++) {
      if (chunk.phase[i] !== load) continue
      const failed = chunk.status[i] !== 0
      if (this.#rule.metric === 'error_rate') {
        this.#share?.add(failed)
        continue
      }
      if (failed) continue
      const response = chunk.done[i]! - chunk.scheduled[i]!
      this.#response.record(response)
      this.#share?.add(response > limit)
    }
  }

  /** `undefined` while the rule holds, or may hold, or is not one that can be watched. */
  broken(): Broken | undefined {
    const { text, unit, limit } = this.#rule
    const value = this.#value()
    return value === undefined ? undefined : { rule: text, value, unit, limit }
  }

  #value(): number | undefined {
    const { metric, percentile, limit, comparison } = this.#rule
    if (metric === 'max' && comparison.startsWith('<') && !this.#response.empty) {
      const max = this.#response.max / 1e6
      return max > limit ? max : undefined
    }
    if (!this.#share?.exceeded()) return undefined
    return percentile === undefined ? this.#share.share : this.#response.quantile(percentile) / 1e6
  }
}
