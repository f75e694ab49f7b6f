// A gauge's mean over a window, and its largest reading.
import { studentQuantile } from '../../stats/student.ts'
import type { ChannelSeries } from './channel-series.ts'

/** Largest reading within [from, to]; `undefined` when there is none. */
export function largest({ t, value }: ChannelSeries, from: number, to: number): number | undefined {
  let max: number | undefined
  for (let i = 0; i < t.length; i++) {
    const v = value[i]!
    if (t[i]! >= from && t[i]! <= to && !Number.isNaN(v) && (max === undefined || v > max)) max = v
  }
  return max
}

export interface Mean {
  readonly value: number
  /** Half-width of the 95 % interval. */
  readonly error: number
  readonly n: number
}

/**
 * Mean of a gauge over [from, to], each reading weighted by its time; `undefined` with fewer than three readings. The
 * variance comes from successive differences (Wolter, Introduction to Variance Estimation, §8.2), so a slow drift, which
 * is no sampling error, widens it little.
 */
export function gaugeMean({ t, value }: ChannelSeries, from: number, to: number): Mean | undefined {
  let sum = 0
  let known = 0
  let squares = 0
  let n = 0
  for (let i = 1; i < t.length; i++) {
    const a = t[i - 1]!
    const b = t[i]!
    const both = value[i]! + value[i - 1]!
    if (a < from || b > to || b <= a || Number.isNaN(both)) continue
    sum += (both / 2) * (b - a)
    known += b - a
    squares += (value[i]! - value[i - 1]!) ** 2
    n++
  }
  if (n < 2) return undefined
  const error = studentQuantile(0.975, Math.min(n, 1000)) * Math.sqrt(squares / 2 / n / (n + 1))
  return { value: sum / known, error, n: n + 1 }
}

/** Mean of the readings within [from, to], each of the same weight; NaN with fewer than `least`. */
export function readingMean(
  { t, value }: Pick<ChannelSeries, 't' | 'value'>,
  from: number,
  to: number,
  least = 1,
): number {
  let sum = 0
  let n = 0
  for (let i = 0; i < t.length; i++) {
    if (t[i]! < from || t[i]! > to || Number.isNaN(value[i]!)) continue
    sum += value[i]!
    n++
  }
  return n < least ? Number.NaN : sum / n
}
