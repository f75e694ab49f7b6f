import { expect, test } from 'vitest'
import type { MetricSource } from '../../metrics/metric.ts'
import { withoutInterval, type Figure } from '../../run/figure.ts'
import { judgeAll } from './sla.ts'

const ms = (value: number | null): Figure => withoutInterval(value, 9, 'ms')
const source = (value: number | null): MetricSource =>
  ({
    latency_ms: {
      count: 9,
      min: value,
      max: value === null ? null : { value, at_s: 0, request: 0 },
      mean: ms(value),
      stddev: ms(value),
      jitter: ms(value),
      spread: ms(value),
      p99: ms(value),
    },
    throughput: {
      requests_per_s: withoutInterval(value, 9, '1/s'),
      inferences_per_s: withoutInterval(value, 9, '1/s'),
    },
  }) as unknown as MetricSource
const judged = (value: number | null, ...rules: readonly string[]): unknown =>
  judgeAll(rules, {
    source: source(value),
    percentile: () => ms(value),
    allowEstimates: false,
    reasonFor: () => undefined,
  }).map(({ verdict, low, high }) => [verdict, low, high])

test('a figure that nobody works out an interval of is judged by its value: never unsure', () => {
  const metrics = ['mean', 'stddev', 'jitter', 'spread', 'min', 'max']
  for (const metric of metrics) {
    expect(judged(5, `${metric}<6ms`, `${metric}<=5ms`, `${metric}<5ms`, `${metric}>4ms`)).toEqual([
      ['pass', 5, 5],
      ['pass', 5, 5],
      ['fail', 5, 5],
      ['pass', 5, 5],
    ])
  }
  expect(judged(5, 'throughput>=5/s', 'throughput>5/s')).toEqual([
    ['pass', 5, 5],
    ['fail', 5, 5],
  ])
})

test('a percentile whose interval is open decides nothing', () => {
  expect(judged(5, 'p99<6ms', 'p99<4ms', 'p99.5<6ms')).toEqual(Array.from({ length: 3 }, () => ['unsure', null, null]))
})

test('without a value nothing is decided', () => {
  expect(judged(null, 'mean<6ms', 'max<6ms', 'throughput>1/s', 'p99<6ms')).toEqual(
    Array.from({ length: 4 }, () => ['unsure', null, null]),
  )
})
