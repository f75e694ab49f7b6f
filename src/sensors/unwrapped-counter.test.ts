import { array, assert, boolean, constantFrom, integer, property, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Counter, putTotal, rise, type CounterLimits, type CounterStep } from './unwrapped-counter.ts'

const steps = (counter: Counter, ...readings: readonly (readonly [raw: number, seconds: number])[]): CounterStep[] =>
  readings.map(([raw, seconds]) => counter.update(raw, seconds * 1e9))

const perSecond = 1e6
const most = { perSecond, atOnce: 10 }

test('counts exactly over wraps, repeats and readings of any distance it can be told over', () => {
  const widths: readonly CounterLimits[] = [
    { period: 2 ** 32 },
    { period: 2 ** 32, most, longestGap: 2 ** 31 / perSecond },
    { period: 2 ** 32, leastWrap: 0, longestGap: 2 ** 32 / perSecond },
    { period: 1000, leastWrap: 0 },
    { most },
    {},
  ]
  assert(
    property(
      constantFrom(...widths),
      integer({ min: 0, max: 2 ** 32 - 1 }),
      array(record({ ms: integer({ min: 1, max: 2_000_000 }), share: integer({ min: 0, max: 1000 }) }), {
        maxLength: 40,
      }),
      (limits, first, intervals) => {
        const { period = Number.MAX_SAFE_INTEGER, leastWrap = period / 2, longestGap = 2000 } = limits
        const counter = new Counter(limits)
        let raw = first % period
        let at = 0
        let truth = 0
        counter.update(raw, at)
        for (const { ms, share } of intervals) {
          const seconds = Math.min(ms / 1e3, longestGap * 0.99)
          at += seconds * 1e9
          const step = Math.floor(
            (Math.min(perSecond * seconds, period - leastWrap - 1, period / 2 - 1) * share) / 1000,
          )
          truth += step
          raw = (raw + step) % period
          expect(counter.update(raw, at)).toBe('ok')
          expect(counter.total).toBe(truth)
        }
      },
    ),
    { seed: 5, numRuns: 500 },
  )
})

/** Faults are two good readings apart, so that each is one of its own. */
const course = array(
  record({
    ms: integer({ min: 1, max: 10_000 }),
    share: integer({ min: 0, max: 1000 }),
    fault: constantFrom('none', 'reset', 'reset to nothing', 'zero', 'two zeros', 'garbled', 'jump', 'gap', 'another'),
  }),
  { minLength: 1, maxLength: 20 },
)

test('makes nothing up, whatever happens to it, and forgets no interval but those it says', () => {
  assert(
    property(boolean(), boolean(), course, (limited, shown, intervals) => {
      const counter = new Counter({ ...(limited ? { most, longestGap: 1e4 } : {}), start: shown ? 'shown' : 'zero' })
      const first = 1e9
      let raw = first
      let at = 0
      let counted = shown ? first : 0
      let pending = 0
      counter.update(raw, at)
      const read = (value: number): void => {
        const step = counter.update(value, at)
        if (step === 'ok') counted += pending
        if (step !== 'implausible') pending = 0
        expect(counter.total).toBe(counted)
      }
      const pass = (ms: number, share: number): void => {
        const step = Math.floor((perSecond * ms * share) / 1e6)
        raw += step
        pending += step
        at += ms * 1e6
      }
      for (const { ms, share, fault } of intervals) {
        pass(ms, share)
        if (fault === 'reset') raw = pending = Math.floor(pending / 2)
        if (fault === 'reset to nothing') raw = 0
        if (fault === 'jump' && limited) raw += 1e12
        if (fault === 'gap') at += 1e14
        if (fault === 'another') {
          counter.restart()
          raw = (raw * 7) % 1e10
        }
        read(fault.endsWith('zero') || fault === 'two zeros' ? 0 : fault === 'garbled' && limited ? raw + 1e12 : raw)
        if (fault === 'two zeros') {
          pass(ms, share)
          // Of two zeros in a row nobody can say yet that they are none: nothing came.
          pending = 0
          read(0)
        }
        for (let i = 0; i < 2; i++) {
          pass(ms, share)
          read(raw)
        }
        // High above what the next intervals bring.
        raw += 1e9
        counter.restart()
        read(raw)
      }
    }),
    { seed: 11, numRuns: 2000 },
  )
})

describe('a 0 that was no reading', () => {
  test('is no counter that began anew and soon had as much', () => {
    const counter = new Counter({ start: 'shown' })
    expect(steps(counter, [500, 0], [0, 1], [510, 2], [513, 3])).toEqual(['first', 'reset', 'reset', 'ok'])
    expect(counter.total).toBe(503)
  })

  test('may be seen more than once', () => {
    const counter = new Counter()
    expect(steps(counter, [500, 0], [0, 1], [0, 2], [510, 3])).toEqual(['first', 'reset', 'ok', 'reset'])
    expect(counter.total).toBe(0)
  })

  test('is followed by what it can have come to, or by what is refused', () => {
    expect(steps(new Counter({ most }), [500, 0], [0, 1], [1e9, 2])).toEqual(['first', 'reset', 'implausible'])
  })

  test('is told from a counter that did begin anew', () => {
    const counter = new Counter()
    expect(steps(counter, [500, 0], [0, 1], [20, 2], [510, 3])).toEqual(['first', 'reset', 'ok', 'ok'])
    expect(counter.total).toBe(510)
    expect(steps(new Counter(), [500, 0], [1, 1], [510, 2])).toEqual(['first', 'reset', 'ok'])
  })

  test('and from another counter that is at 0', () => {
    const counter = new Counter()
    steps(counter, [500, 0], [0, 1])
    counter.restart()
    expect(steps(counter, [0, 2], [900, 3])).toEqual(['reset', 'ok'])
    expect(counter.total).toBe(900)
  })
})

test('a garbled reading is refused and costs nothing; a jump that stays is a new beginning', () => {
  const garbled = new Counter({ most })
  expect(steps(garbled, [0, 0], [5, 1], [1e9, 2], [25, 3])).toEqual(['first', 'ok', 'implausible', 'ok'])
  expect(garbled.total).toBe(25)
  const jump = new Counter({ most })
  expect(steps(jump, [0, 0], [5, 1], [1e9, 2], [1e9 + 9, 3], [1e9 + 19, 4])).toEqual([
    'first',
    'ok',
    'implausible',
    'reset',
    'ok',
  ])
  expect(jump.total).toBe(15)
})

test('may rise at once by its own steps, and in the time of a clock that went backwards by no more', () => {
  const counter = new Counter({ most })
  expect(steps(counter, [0, 1], [10, 1], [21, 1])).toEqual(['first', 'ok', 'implausible'])
  // Which says nothing against the readings after it.
  expect(steps(counter, [90, 0], [99, 2], [100, 3])).toEqual(['implausible', 'ok', 'ok'])
  expect(counter.total).toBe(100)
})

test('what no counter of its width can show is refused, also as the first reading', () => {
  const counter = new Counter({ period: 256 })
  expect(steps(counter, [256, 0], [-1, 1], [255, 2], [1000, 3], [4, 4])).toEqual([
    'implausible',
    'implausible',
    'first',
    'implausible',
    'ok',
  ])
  expect(counter.total).toBe(5)
})

test('a fall is a wrap when it is long enough for its width, else a reset', () => {
  expect(rise(200, 90, { period: 256 })).toBeUndefined()
  expect(rise(200, 60, { period: 256 })).toBe(116)
  expect(rise(200, 199, { period: 256, leastWrap: 0 })).toBe(255)
  expect(rise(200, 199)).toBeUndefined()
  expect(rise(200, 200, { period: 256 })).toBe(0)
})

test('after a gap in which it may have wrapped twice nobody knows, whatever it shows', () => {
  for (const raw of [90, 100, 200]) {
    const counter = new Counter({ period: 256, longestGap: 2 })
    expect(steps(counter, [100, 0], [raw, 2], [raw + 7, 3])).toEqual(['first', 'lost', 'ok'])
    expect(counter.total).toBe(7)
  }
})

test('is put with NaN before it where the interval is unknown; what is refused is not put', () => {
  const counter = new Counter({ most, longestGap: 10, start: 'shown' })
  const put: (readonly [number, number])[] = []
  const read = (raw: number, at: number): boolean => putTotal(counter, raw, at, (t, total) => put.push([t, total]))
  expect([read(7, 1e9), read(9, 2e9), read(1e9, 3e9), read(3, 4e9), read(4, 14e9)]).toEqual([
    true,
    true,
    false,
    true,
    true,
  ])
  expect(put).toEqual([
    [1e9, 7],
    [2e9, 9],
    [4e9 - 1, Number.NaN],
    [4e9, 9],
    [14e9 - 1, Number.NaN],
    [14e9, 9],
  ])
})
