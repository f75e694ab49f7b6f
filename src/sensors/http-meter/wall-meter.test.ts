import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChangePoints } from '../change-points.ts'

const kept = (readings: readonly (readonly [number, number])[]): (readonly [number, number])[] => {
  const points = new ChangePoints()
  const out: (readonly [number, number])[] = []
  for (const [t, value] of readings) points.add(t, value, (at, joules) => out.push([at, joules]))
  return out
}

test('a counter that moves at every reading is kept as it is, from the second on', () => {
  expect(
    kept([
      [0, 5],
      [1, 6],
      [2, 8],
    ]),
  ).toEqual([
    [1, 6],
    [2, 8],
  ])
})

test('repeated readings are left out, and a change after them lies half-way since', () => {
  expect(
    kept([
      [0, 0],
      [1, 0],
      [2, 3600],
      [3, 3600],
      [4, 3600],
      [5, 7200],
    ]),
  ).toEqual([
    [1.5, 3600],
    [4.5, 7200],
  ])
})

test('a reset is an interval nobody knows, and counting goes on', () => {
  expect(
    kept([
      [0, 90],
      [1, 100],
      [2, 3],
      [3, 5],
    ]),
  ).toEqual([
    [1, 100],
    [2, Number.NaN],
    [3, 102],
  ])
})

test('a steady power’s coarse counter gives that power back within a step, whatever the step and the load', () => {
  fc.assert(
    fc.property(fc.double({ min: 5, max: 2000, noNaN: true }), fc.constantFrom(3.6, 36, 60, 3600), (watts, step) => {
      const out = kept(Array.from({ length: 3600 }, (_, i) => [i, Math.floor((watts * i) / step) * step] as const))
      if (out.length < 2) return
      const [first, last] = [out[0]!, out.at(-1)!]
      // Each end is known to half a reading's distance, or to one step where a step is shorter than that.
      expect(Math.abs(last[1] - first[1] - watts * (last[0] - first[0]))).toBeLessThanOrEqual(
        2 * Math.max(watts, step) + 1e-6,
      )
    }),
  )
})
