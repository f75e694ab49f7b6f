// What a metric is: a name one can write in a rule, its unit and direction, how it is computed, and where it stands in a
// run's document. Drives SLA rules, `explain` and the docs.
import type { Figure } from '../run/figure.ts'
import type { RunDocument } from '../run/document.ts'

export type MetricUnit = 'ms' | '1/s' | 'W' | 'J' | 'ratio' | 'g' | '1/J' | 'J·s' | 'FLOP/s' | 'currency'

/** The parts of a document that metrics read: all but what is derived from metrics. */
export type MetricSource = Pick<
  RunDocument,
  'latency_ms' | 'requests' | 'throughput' | 'power' | 'energy' | 'queue_wait_ms' | 'service_ms' | 'utilization'
>

export interface Metric {
  readonly id: string
  readonly unit: MetricUnit
  /** Which way is good. */
  readonly better: 'lower' | 'higher'
  readonly formula: string
  /** `undefined` where it was not measured. */
  read(document: MetricSource): Figure | undefined
}

/**
 * A figure that nobody works out an interval of decides a rule by its value. A percentile is none of these: where its interval
 * is open, it must not decide.
 */
export const judgedByValue = (figure: Figure): Figure | undefined =>
  figure.value === null ? undefined : { ...figure, low: figure.value, high: figure.value }
