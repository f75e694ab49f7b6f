import { expect, test } from 'vitest'
import { SharedBursts } from './shared-bursts.ts'

/** Two threads and one burst of `ms`, each [from, to, waited] in ms. */
function bursts(...threads: readonly (readonly [number, number, number])[]): SharedBursts {
  const shared = new SharedBursts(threads.length, 1, 1)
  threads.forEach(([from, to, waited], thread) =>
    shared.record(0, 0, thread, { from: from * 1e6, to: to * 1e6, waited: waited * 1e6 }),
  )
  shared.setCount(0, 1)
  return shared
}

test('a burst lasts from the first begin to the last end', () => {
  expect(bursts([10, 50, 0], [11, 52, 0]).seconds(0, 0, 2)).toBeCloseTo(0.042, 9)
  // Threads that a step does not need are not looked at.
  expect(bursts([10, 50, 0], [0, 900, 0]).seconds(0, 0, 1)).toBeCloseTo(0.04, 9)
})

test('quiet is a burst in which nobody waited, neither within it nor for its start', () => {
  expect(bursts([10, 50, 0], [10.1, 50, 0.2]).quiet(0, 2)).toBe(true)
  expect(bursts([10, 50, 0], [10.1, 50, 5]).quiet(0, 2)).toBe(false)
  // One after the other: each undisturbed, and twice as long together.
  expect(bursts([10, 50, 0], [50, 90, 0]).quiet(0, 2)).toBe(false)
  expect(bursts([10, 50, Number.NaN], [10, 50, Number.NaN]).quiet(0, 2)).toBe(true)
})

test('one quiet burst of several is enough', () => {
  const shared = new SharedBursts(1, 2, 2)
  shared.record(1, 0, 0, { from: 0, to: 4e7, waited: 1e7 })
  shared.setCount(1, 1)
  expect(shared.quiet(1, 1)).toBe(false)
  shared.record(1, 1, 0, { from: 5e7, to: 9e7, waited: 0 })
  shared.setCount(1, 2)
  expect(shared.quiet(1, 1)).toBe(true)
})
