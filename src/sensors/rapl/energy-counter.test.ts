import { describe, expect, test } from 'vitest'
import { Random } from '../../base/random.ts'
import { energyCounter } from './energy-counter.ts'

const range = 262_143_328_850
const period = range + 1
const rated = 2000

describe('an energy counter', () => {
  test('wraps once too seldom or too often in none of a million sequences, and is exact to 1 µJ', () => {
    const random = new Random(7)
    const uniform = (most: number): number => Math.floor(random.uniform() * most)
    let wraps = 0
    let resets = 0
    for (let sequence = 0; sequence < 1_000_000; sequence++) {
      const counter = energyCounter({ range })
      let raw = uniform(period)
      let at = uniform(1e12)
      let truth = 0
      counter.update(raw, at)
      for (let i = 0; i < 6; i++) {
        const kind = random.next32() & 7
        // From a tenth of a millisecond to a minute, at up to the rated power.
        const dt = Math.ceil(10 ** (5 + random.uniform() * 5.8))
        at += dt
        if (kind === 0) {
          // The same value again, as when one reads faster than it is updated.
          if (counter.update(raw, at) !== 'ok') throw new Error('a duplicate is no step of nothing')
          continue
        }
        const rise = uniform(rated * (dt / 1e9) * 1e6)
        // A reset that a wrap of plausible energy would explain cannot be told from one: it has a test of its own.
        if (kind === 1 && raw < period - 3 * rated * (dt / 1e9) * 1e6 - 1e6 && raw > rise) {
          raw = uniform(rise)
          resets++
          const step = counter.update(raw, at)
          if (step !== 'reset' && step !== 'implausible') throw new Error(`a reset was taken for ${step}`)
          if (step === 'implausible') {
            // The reading after it settles what the counter's course is.
            at += 1e6
            const second = counter.update(raw, at)
            if (second !== 'reset') throw new Error(`after a reset came ${second}`)
          }
          if (counter.total !== truth) throw new Error('a reset made energy up')
          continue
        }
        truth += rise
        if (raw + rise >= period) wraps++
        raw = (raw + rise) % period
        if (counter.update(raw, at) !== 'ok') throw new Error('a feasible step was refused')
        if (counter.total !== truth) throw new Error(`${counter.total} µJ instead of ${truth}`)
      }
    }
    expect(wraps).toBeGreaterThan(50_000)
    expect(resets).toBeGreaterThan(100_000)
  })

  test('takes a fall that is no wrap for a reset, and makes no energy up', () => {
    const counter = energyCounter({ range })
    counter.update(1000, 0)
    counter.update(5000, 1e9)
    expect(counter.update(10, 2e9)).toBe('reset')
    expect(counter.update(110, 3e9)).toBe('ok')
    expect(counter.total).toBe(4100)
  })

  test('of unknown range takes every fall for a reset', () => {
    const counter = energyCounter()
    counter.update(range, 0)
    expect(counter.update(5, 1e9)).toBe('reset')
    expect(counter.total).toBe(0)
  })

  test('refuses a reading that needs more power than there is, and loses nothing by it', () => {
    const counter = energyCounter({ range })
    counter.update(0, 0)
    expect(counter.update(6002e6, 1e9)).toBe('implausible')
    expect(counter.update(200e6, 2e9)).toBe('ok')
    expect(counter.total).toBe(200e6)
  })

  test('allows three times what the device is rated for, when that is more than 2 kW', () => {
    const step = (ratedWatts: number | undefined): string => {
      const counter = energyCounter({ range, ratedWatts })
      counter.update(0, 0)
      return counter.update(8000e6, 1e9)
    }
    expect(step(undefined)).toBe('implausible')
    expect(step(250)).toBe('implausible')
    expect(step(3000)).toBe('ok')
  })

  test('that a suspended host set to nothing begins anew, although the fall looks like a wrap', () => {
    const counter = energyCounter({ range })
    counter.update(200e9, 0)
    // The monotonic clock does not count the time asleep: 63 kJ in 0.1 s cannot be.
    expect(counter.update(1e6, 1e8)).toBe('implausible')
    expect(counter.update(11e6, 2e8)).toBe('reset')
    expect(counter.update(21e6, 3e8)).toBe('ok')
    expect(counter.total).toBe(10e6)
  })

  test('that was not read for so long that it may have wrapped unseen has lost the interval', () => {
    const counter = energyCounter({ range })
    counter.update(0, 0)
    expect(counter.update(5e9, 140e9)).toBe('lost')
    expect(counter.update(6e9, 150e9)).toBe('ok')
    expect(counter.total).toBe(1e9)
  })

  test('makes up no more than the plausible energy when it falls to nothing just before its end', () => {
    const counter = energyCounter({ range })
    counter.update(range - 100e6, 0)
    counter.update(0, 1e8)
    expect(counter.total).toBeLessThanOrEqual(3 * rated * 0.1 * 1e6 + 1e6)
  })

  test('refuses a value beyond its range, and takes it for the beginning of nothing', () => {
    const counter = energyCounter({ range })
    expect(counter.update(2 ** 64, 0)).toBe('implausible')
    counter.update(100, 1e9)
    expect(counter.update(2 ** 64, 2e9)).toBe('implausible')
    expect(counter.update(2 ** 64, 3e9)).toBe('implausible')
    expect(counter.update(1_000_100, 4e9)).toBe('ok')
    expect(counter.total).toBe(1_000_000)
  })

  test('takes no energy from a clock that goes backwards', () => {
    const counter = energyCounter({ range })
    counter.update(0, 10e9)
    expect(counter.update(50e6, 9e9)).toBe('implausible')
    expect(counter.update(60e6, 11e9)).toBe('ok')
    expect(counter.total).toBe(60e6)
  })
})
