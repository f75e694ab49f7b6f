import { expect, test } from 'vitest'
import { upgrade1To2 } from '../upgrade-1-to-2.ts'

test('a moment of too few samples is a figure without a value', () => {
  const series = { count: 1, mean: 5, stddev: null, jitter: null, spread: null }
  expect(upgrade1To2({ service_ms: series })['service_ms']).toEqual({
    count: 1,
    mean: { value: 5, low: null, high: null, n: 1, unit: 'ms' },
    stddev: { value: null, low: null, high: null, n: 1, unit: 'ms' },
    jitter: { value: null, low: null, high: null, n: 1, unit: 'ms' },
    spread: { value: null, low: null, high: null, n: 1, unit: 'ms' },
  })
})
