import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arrivalShape } from '../stats/dispersion.ts'
import { createPacer } from './catalog.ts'
import type { LoadSpec } from './pacer.ts'

const spec = (rest: Partial<LoadSpec>): LoadSpec => ({
  mode: 'open',
  concurrency: 1,
  seed: 1,
  pacing: 'sleep',
  ...rest,
})

function timesOf(load: LoadSpec): number[] {
  const pacer = createPacer(load)
  const times: number[] = []
  for (;;) {
    const planned = pacer.next(0, times.length)
    if (planned === 'done') return times
    times.push(planned)
  }
}

describe('a pacer', () => {
  test('of a constant rate plans each request from its number, so no error adds up', () => {
    const times = timesOf(spec({ rate: 3, arrivals: 'constant', requests: 300_001 }))
    expect(times.at(-1)).toBeCloseTo(1e14, 0)
  })

  test('of a Poisson process has the rate and the shape asked for', () => {
    const times = timesOf(spec({ rate: 1000, arrivals: 'poisson', requests: 100_000 }))
    expect(Math.abs(times.at(-1)! / 1e9 / 100 - 1)).toBeLessThan(0.02)
    const shape = arrivalShape(Float64Array.from(times))!
    expect(Math.abs(shape.cv - 1)).toBeLessThan(0.02)
    expect(Math.abs(shape.lag1)).toBeLessThan(0.02)
  })

  test('says the same times in every thread, also to one that skips ids', () => {
    fc.assert(
      fc.property(fc.integer(), fc.uniqueArray(fc.nat(500), { minLength: 1 }), (seed, ids) => {
        const load = spec({ rate: 50, arrivals: 'poisson', seed, requests: 501 })
        const all = timesOf(load)
        const pacer = createPacer(load)
        for (const id of ids.sort((a, b) => a - b)) expect(pacer.next(0, id)).toBe(all[id])
      }),
    )
  })

  test('ends with the time or the count, whichever is first', () => {
    expect(timesOf(spec({ rate: 10, arrivals: 'constant', for: 1e9 }))).toHaveLength(10)
    expect(timesOf(spec({ rate: 10, arrivals: 'constant', for: 1e9, requests: 4 }))).toHaveLength(4)
    const closed = createPacer(spec({ mode: 'closed', for: 100, requests: 5 }))
    expect([closed.next(99, 4), closed.next(100, 4), closed.next(5, 5)]).toEqual([99, 'done', 'done'])
  })
})
