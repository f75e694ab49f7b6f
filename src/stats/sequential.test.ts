import { expect, test } from 'vitest'
import { Random } from '../base/random.ts'
import { ShareWatch } from './sequential.ts'

/** Runs that raise the alarm at any of many looks. */
function alarms(share: number, limit: number, n: number, trials: number, seed: number): number {
  const random = new Random(seed)
  let raised = 0
  for (let trial = 0; trial < trials; trial++) {
    const watch = new ShareWatch(limit)
    for (let i = 1; i <= n; i++) {
      watch.add(random.uniform() < share)
      if (i % 100 === 0 && watch.exceeded()) {
        raised++
        break
      }
    }
  }
  return raised / trials
}

test('watching a share that is just allowed raises a false alarm in at most 5 % of runs', () => {
  expect(alarms(0.01, 0.01, 5000, 300, 1)).toBeLessThanOrEqual(0.05)
  expect(alarms(0.1, 0.1, 3000, 300, 2)).toBeLessThanOrEqual(0.05)
})

test('a share of three times the limit is seen in nearly every run', () => {
  expect(alarms(0.03, 0.01, 5000, 100, 3)).toBeGreaterThan(0.95)
})

test('one long stall is not taken for many independent events', () => {
  const watch = new ShareWatch(0.01)
  for (let i = 0; i < 3000; i++) watch.add(i >= 1000 && i < 1060)
  expect(watch.share).toBeGreaterThan(0.01)
  expect(watch.exceeded()).toBe(false)
})
