// SLA rules judged after the run, three-valued: where the interval spans the limit the honest answer is "unsure".
//
//   rule p99 < 50 ms      |----●----|        pass
//                              |----●--:--|  unsure (the limit lies within)
//                                      :  |----●----|  fail
import { findMetric, metricCatalog } from '../../metrics/catalog.ts'
import type { MetricSource } from '../../metrics/metric.ts'
import type { Figure } from '../../run/figure.ts'
import type { SlaResult } from '../../run/sections/verdict.ts'
import { parseRule, type SlaRule } from './rule.ts'

export { parseRule, type SlaRule } from './rule.ts'

export interface JudgeContext {
  readonly source: MetricSource
  /** Any percentile of the response time with its interval. */
  readonly percentile: (p: number) => Figure
  /** May grade D, an estimate, decide? */
  readonly allowEstimates: boolean
  /** Why a metric that is null was not measured. */
  readonly reasonFor: (metric: string) => string | undefined
}

const hostMetrics = new Set(
  metricCatalog
    .filter(({ id, unit }) => ['W', 'J', '1/J', 'g', 'J·s', 'FLOP/s', 'currency'].includes(unit) || id === 'mfu')
    .map((metric) => metric.id),
)

const currencyMetrics = new Set(metricCatalog.filter(({ unit }) => unit === 'currency').map(({ id }) => id))

export const judgeAll = (texts: readonly string[], context: JudgeContext): readonly SlaResult[] =>
  texts.map((text) => judge(parseRule(text), context))

export function judge(rule: SlaRule, context: JudgeContext): SlaResult {
  const figure = figureOf(rule, context)
  const base = { rule: rule.text, metric: rule.metric, limit: rule.limit, unit: rule.unit }
  if (!figure) {
    const unmeasurable = hostMetrics.has(rule.metric)
    const reason = unmeasurable
      ? (context.reasonFor(rule.metric) ?? 'this host has no source for it')
      : 'no request succeeded'
    return {
      ...base,
      value: null,
      low: null,
      high: null,
      verdict: 'unsure',
      reason,
      ...(unmeasurable ? { unmeasurable } : {}),
    }
  }
  const known = { ...base, value: figure.value, low: figure.low, high: figure.high }
  if (figure.grade === 'D' && !context.allowEstimates) {
    return {
      ...known,
      verdict: 'unsure',
      reason: 'only an estimate is known (grade D); it decides with --allow-estimates',
      unmeasurable: true,
    }
  }
  if (currencyMetrics.has(rule.metric)) {
    const unit = figure.unit ?? ''
    if (rule.unit !== '' && rule.unit !== unit)
      return {
        ...known,
        unit,
        verdict: 'unsure',
        reason: `the rule is in ${rule.unit}, the tariff in ${unit || 'none'}`,
      }
    return verdictOf({ ...known, unit }, rule, figure)
  }
  return verdictOf(known, rule, figure)
}

function verdictOf(known: Omit<SlaResult, 'verdict'>, rule: SlaRule, figure: Figure): SlaResult {
  const verdict = compare(rule, figure)
  return {
    ...known,
    verdict,
    ...(verdict === 'unsure' ? { reason: 'the 95 % interval spans the limit; a longer run narrows it' } : {}),
  }
}

function figureOf(rule: SlaRule, context: JudgeContext): Figure | undefined {
  const metric = findMetric(rule.metric)
  if (metric) return metric.read(context.source)
  const figure = context.percentile(rule.percentile!)
  return figure.value === null ? undefined : figure
}

function compare(rule: SlaRule, figure: Figure): SlaResult['verdict'] {
  const low = figure.low ?? Number.NEGATIVE_INFINITY
  const high = figure.high ?? Number.POSITIVE_INFINITY
  const holds = (value: number): boolean =>
    ({
      '<': value < rule.limit,
      '<=': value <= rule.limit,
      '>': value > rule.limit,
      '>=': value >= rule.limit,
    })[rule.comparison]
  if (holds(low) && holds(high)) return 'pass'
  if (!holds(low) && !holds(high)) return 'fail'
  return 'unsure'
}
