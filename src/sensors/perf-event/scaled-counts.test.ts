import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countTotals, ScaledCounts } from './scaled-counts.ts'

/** Adds the readings, each `[count, enabled, running]`, and gives the totals. */
function total(...readings: readonly (readonly [number, number, number])[]): ReturnType<typeof countTotals> {
  const latest = new ScaledCounts(1)
  const totals = countTotals(1)
  for (const [count, enabled, running] of readings) latest.add(Float64Array.of(count), enabled, running, totals)
  return totals
}

describe('counts that take turns', () => {
  test('are what they are when they never have to wait', () => {
    expect(total([10, 100, 100], [25, 200, 200])).toEqual({ counts: Float64Array.of(25), enabled: 200, running: 200 })
  })

  test('are scaled by each interval’s own share, not by that of the whole', () => {
    // 10 in a quarter of the first interval, 30 in all of the second.
    expect(total([10, 100, 25], [40, 200, 125])).toEqual({
      counts: Float64Array.of(40 + 30),
      enabled: 200,
      running: 125,
    })
  })

  test('an interval without a turn is scaled from the next, and is not taken for none', () => {
    const totals = total([10, 100, 50], [10, 200, 50], [30, 300, 100])
    expect(totals.counts[0]).toBe(20 + 20 * 4)
    expect(totals).toMatchObject({ enabled: 300, running: 100 })
  })

  test('that never had a turn are nothing, with no share', () => {
    expect(total([0, 100, 0], [0, 200, 0])).toEqual({ counts: Float64Array.of(0), enabled: 0, running: 0 })
  })

  test('that fell, or whose clocks fell, are begun anew', () => {
    expect(total([50, 100, 100], [20, 200, 200], [30, 300, 300]).counts[0]).toBe(60)
    expect(total([50, 100, 100], [60, 50, 50], [70, 150, 150]).counts[0]).toBe(60)
    expect(total([50, 100, 100], [60, 200, 50], [70, 300, 150]).counts[0]).toBe(60)
  })

  test('of a steady rate give that rate, however the turns fall and whenever one reads', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.boolean()), { minLength: 1, maxLength: 50 }),
        (slices) => {
          const latest = new ScaledCounts(1)
          const totals = countTotals(1)
          let enabled = 0
          let running = 0
          for (const [ns, turn] of slices) {
            enabled += ns
            if (turn) running += ns
            latest.add(Float64Array.of(3 * running), enabled, running, totals)
          }
          // What is not yet scaled is only what came after the last turn.
          expect(totals.counts[0]! / 3).toBeCloseTo(totals.enabled, 6)
          expect(totals.running).toBe(running)
        },
      ),
    )
  })
})
