import { describe, expect, test } from 'vitest'
import { WallClock } from './wall-clock.ts'

/** A wall clock that is a function of the run's time; each reading takes 100 ns. */
function clocks(wall: (run: number) => number) {
  let run = 5e9
  const now = (): number => (run += 100)
  const libc = {
    clock_gettime: (_: unknown, time: unknown): number => {
      const at = wall(run)
      const bytes = time as Buffer
      bytes.writeBigInt64LE(BigInt(Math.floor(at / 1e9)), 0)
      bytes.writeInt32LE(Math.floor(at % 1e9), 8)
      return 0
    },
  }
  const clock = new WallClock(libc, now)
  const stampOf = (at: number): number => {
    const told = wall(at)
    return clock.at(Math.floor(told / 1e9), Math.floor(told % 1e9))
  }
  return { clock, stampOf, pass: (ns: number): void => void (run += ns), now: () => run }
}

describe('a stamp of the wall clock', () => {
  test('is a time on the run’s clock, to the nanosecond, whatever the year', () => {
    const { stampOf } = clocks((run) => (1.9e18 % 1e15) + 2e9 + run)
    for (const at of [0, 1, 5e9, 7.25e9 + 1]) expect(Math.abs(stampOf(at) - at)).toBeLessThan(200)
  })

  test('stays one as long as nobody sets the clock', () => {
    const { clock, stampOf, pass, now } = clocks((run) => 3e9 + run)
    for (let i = 0; i < 100; i++) {
      pass(20e6)
      expect(clock.look()).toBe(false)
      expect(Math.abs(stampOf(now()) - now())).toBeLessThan(200)
    }
    expect(clock.steps).toBe(0)
  })

  test.each([3600e9, -3600e9, 1e6, -1e6])('a step of the wall clock by %d ns is seen at the next look', (by) => {
    let set = 0
    const { clock, stampOf, pass, now } = clocks((run) => 1e13 + run + set)
    pass(20e6)
    expect(clock.look()).toBe(false)
    set = by
    pass(20e6)
    expect(clock.look()).toBe(true)
    expect(clock.steppedAt).toBeCloseTo(now(), -3)
    expect(Math.abs(stampOf(now()) - now())).toBeLessThan(200)
    pass(20e6)
    expect(clock.look()).toBe(false)
    expect(clock.steps).toBe(1)
  })
})
