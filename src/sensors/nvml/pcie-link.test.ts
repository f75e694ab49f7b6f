import { array, assert, constantFrom, double, integer, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import type { CounterStep } from '../unwrapped-counter.ts'
import { byteCounter, linkCeiling } from './pcie-link.ts'

const range = 2 ** 32
const isKnown = (step: CounterStep): boolean => step === 'first' || step === 'ok'

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
        const counter = byteCounter(ceiling, 32)
        let sent = start
        let known = 0
        let at = 0
        counter.update(start, at)
        for (const { ms, share } of steps) {
          const bytes = Math.floor((ceiling * ms * share) / 1e3)
          sent += bytes
          at += ms * 1e6
          if (isKnown(counter.update(sent % range, at))) known += bytes
        }
        expect(counter.total).toBe(known)
      },
    ),
    { seed: 7 },
  )
})

test('PCIe 4 ×16 at 10 Hz wraps at most once; PCIe 5 may wrap unseen, and not at 20 Hz', () => {
  const known = (generation: number, ms: number): boolean => {
    const counter = byteCounter(linkCeiling(generation, 16), 32)
    counter.update(range - 10, 0)
    return isKnown(counter.update(10, ms * 1e6))
  }
  expect([known(4, 100), known(5, 100), known(5, 50)]).toEqual([true, false, true])
})

test('a 64-bit counter that falls began again: that interval is unknown, later ones are not', () => {
  const counter = byteCounter(linkCeiling(), 64)
  expect([9e12, 9e12 + 5, 3, 7].map((raw, i) => isKnown(counter.update(raw, i * 1e8)))).toEqual([
    true,
    true,
    false,
    true,
  ])
  expect(counter.total).toBe(9)
})

test('whether an interval is known does not depend on what came in it', () => {
  const known = [0, 1e6, 2e9, 4e9].map((bytes) => {
    const counter = byteCounter(linkCeiling(5, 16), 32)
    counter.update(0, 0)
    return isKnown(counter.update(bytes, 100e6))
  })
  expect(new Set(known)).toEqual(new Set([false]))
})
