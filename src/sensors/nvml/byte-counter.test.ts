import { array, assert, constantFrom, double, integer, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import { ByteCounter, linkCeiling } from './byte-counter.ts'

const range = 2 ** 32

test('whatever a link can carry, a known total is exact, and what may be a second wrap is unknown', () => {
  assert(
    property(
      constantFrom(3, 4, 5),
      integer({ min: 0, max: range - 1 }),
      array(record({ ms: integer({ min: 1, max: 400 }), share: double({ min: 0, max: 1, noNaN: true }) }), {
        minLength: 1,
        maxLength: 30,
      }),
      (generation, start, steps) => {
        const ceiling = linkCeiling(generation, 16)
        const counter = new ByteCounter(ceiling)
        let sent = start
        let known = 0
        let at = 0
        counter.update(start, 32, at)
        for (const { ms, share } of steps) {
          const bytes = Math.floor((ceiling * ms * share) / 1e3)
          sent += bytes
          at += ms * 1e6
          if (counter.update(sent % range, 32, at)) known += bytes
        }
        expect(counter.bytes).toBe(known)
      },
    ),
    { seed: 7 },
  )
})

test('PCIe 4 ×16 at 10 Hz wraps at most once; PCIe 5 may wrap unseen, and not at 20 Hz', () => {
  const known = (generation: number, ms: number): boolean => {
    const counter = new ByteCounter(linkCeiling(generation, 16))
    counter.update(range - 10, 32, 0)
    return counter.update(10, 32, ms * 1e6)
  }
  expect([known(4, 100), known(5, 100), known(5, 50)]).toEqual([true, false, true])
})

test('a 64-bit counter that falls began again: that interval is unknown, later ones are not', () => {
  const counter = new ByteCounter(linkCeiling())
  expect([9e12, 9e12 + 5, 3, 7].map((raw, i) => counter.update(raw, 64, i * 1e8))).toEqual([true, true, false, true])
  expect(counter.bytes).toBe(9)
})

test('whether an interval is known does not depend on what came in it', () => {
  const known = [0, 1e6, 2e9, 4e9].map((bytes) => {
    const counter = new ByteCounter(linkCeiling(5, 16))
    counter.update(0, 32, 0)
    return counter.update(bytes, 32, 100e6)
  })
  expect(new Set(known)).toEqual(new Set([false]))
})
