// The text of an SLA rule as structure: `<metric><op><value>`, e.g. `p99<50ms`, `throughput>=200/s`, `error_rate<1%`.
import { TailwattError } from '../../base/errors.ts'
import { findMetric } from '../../metrics/catalog.ts'
import { parseDuration, parseRate } from '../../units/quantity.ts'

export type Comparison = '<' | '<=' | '>' | '>='

export interface SlaRule {
  readonly text: string
  readonly metric: string
  /** For a percentile: as a fraction, also one that is not in the catalog (`p97.5`). */
  readonly percentile: number | undefined
  readonly comparison: Comparison
  /** In `unit`: ms, 1/s, W, J, ratio, g, 1/J, J·s, FLOP/s, or a currency as it is written (empty: that of the tariff). */
  readonly limit: number
  readonly unit: string
}

/** @throws TailwattError `rule-malformed` saying what is wrong. */
export function parseRule(text: string): SlaRule {
  const match = /^\s*([a-z][a-z0-9_.]*)\s*(<=|>=|<|>)\s*(\S.*?)\s*$/i.exec(text)
  if (!match) malformed(text, 'it has not the form metric, < or >, value')
  const [, name, comparison, value] = match as unknown as [string, string, Comparison, string]
  const percentile = parsePercentile(name)
  const metric = findMetric(name)
  if (percentile === undefined && !metric) malformed(text, `there is no metric ${name}`)
  const unit = metric?.unit ?? 'ms'
  const limit = parseLimit(value, unit)
  if (limit === undefined) malformed(text, `${value} is not a value ${unitHint[unit] ?? ''}`)
  const named = unit === 'currency' ? money(value)!.currency : unit
  return { text, metric: metric?.id ?? name, percentile, comparison, limit, unit: named }
}

const unitHint: Readonly<Record<string, string>> = {
  ms: 'with a unit of time, such as 50ms',
  '1/s': 'per second, such as 200/s',
  W: 'in watts, such as 150W',
  J: 'in joules, such as 2J or 300mJ',
  ratio: 'such as 1% or 0.01',
  g: 'in grams, such as 5g',
  '1/J': 'per joule, such as 20/J',
  J·s: 'in joule-seconds, such as 2Js or 300mJs',
  'FLOP/s': 'such as 40GFLOP/s',
  currency: 'of money, such as 0.002 or 0.002EUR',
}

const parsePercentile = (name: string): number | undefined => {
  const match = /^p(\d{1,2}(?:[._]\d{1,4})?)$/.exec(name)
  const value = match ? Number(match[1]!.replace('_', '.')) / 100 : undefined
  return value !== undefined && value > 0 && value < 1 ? value : undefined
}

function parseLimit(text: string, unit: string): number | undefined {
  if (unit === 'ms') {
    const ns = parseDuration(text)
    return ns === undefined ? undefined : ns / 1e6
  }
  if (unit === '1/s') return parseRate(text)
  if (unit === 'ratio') {
    const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text)
    if (!match) return undefined
    const value = Number(match[1]) / (match[2] ? 100 : 1)
    return value <= 1 ? value : undefined
  }
  if (unit === 'currency') return money(text)?.amount
  const suffix = suffixes[unit] ?? unit
  const match = new RegExp(`^(\\d+(?:\\.\\d+)?)\\s*([nuµmkMGTP]?)${suffix}$`).exec(text)
  return match ? Number(match[1]) * prefixes[match[2]!]! : undefined
}

const suffixes: Readonly<Record<string, string>> = { '1/J': '/J', J·s: 'J[·*]?s' }
const prefixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  µ: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
}

/** The currency as it is written, on either side of the amount; empty where there is none. */
function money(text: string): { readonly amount: number; readonly currency: string } | undefined {
  const match = /^([^\d\s.+-]{0,8})\s*(\d+(?:\.\d+)?(?:e-?\d+)?)\s*([^\d\s.+-]{0,8})$/.exec(text)
  if (!match || (match[1] !== '' && match[3] !== '')) return undefined
  return { amount: Number(match[2]), currency: match[1]! + match[3]! }
}

function malformed(rule: string, message: string): never {
  throw new TailwattError('rule-malformed', { rule, message })
}
