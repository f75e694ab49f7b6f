import { expect, test } from 'vitest'
import type { RunDocument } from '../../run/document.ts'
import { withoutInterval } from '../../run/figure.ts'
import { betweenRuns } from './between-runs.ts'

const none = { value: null, low: null, high: null, n: 0 }
const run = (perSecond: number): RunDocument =>
  ({
    id: String(perSecond),
    throughput: { inferences_per_s: withoutInterval(perSecond, 9, '1/s') },
    latency_ms: { p50: none, p90: none, p95: none, p99: none, p99_9: none, histogram: [] },
  }) as unknown as RunDocument

test('throughput has the mean of the runs, and an interval from how they differ', () => {
  const { inferences_per_s: found } = betweenRuns([run(90), run(100), run(110)])
  expect(found.value).toBe(100)
  expect(found.n).toBe(3)
  expect(found.low!).toBeLessThan(90)
  expect(found.high!).toBeGreaterThan(110)
  expect(betweenRuns([run(100), run(100)]).inferences_per_s).toMatchObject({ low: 100, high: 100 })
})
