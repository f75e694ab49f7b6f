import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Channel } from '../../run/channel.ts'
import { allocateSamples, type SampleChunk } from '../../run/table.ts'
import { EnergyCurves } from './energy-curves.ts'
import type { WindowEnergy } from './window-energy.ts'

const channels: Channel[] = [
  { id: 'cpu', sensor: 't', quantity: 'energy', unit: 'J', kind: 'counter', scope: 'package', grade: 'B' },
  { id: 'gpu', sensor: 't', quantity: 'power', unit: 'W', kind: 'gauge', scope: 'gpu', device: 'g', grade: 'C' },
  {
    id: 'old',
    sensor: 't',
    quantity: 'power',
    unit: 'W',
    kind: 'average',
    scope: 'gpu',
    device: 'h',
    window_ms: 1000,
    grade: 'C',
  },
]

const rows = (t: number, values: readonly (number | undefined)[]): SampleChunk => {
  const known = values.flatMap((value, channel) => (value === undefined ? [] : [[channel, value] as const]))
  const chunk = allocateSamples(known.length)
  known.forEach(([channel, value], i) => {
    chunk.channel[i] = channel
    chunk.t[i] = t
    chunk.value[i] = value
  })
  return chunk
}

/** Powers, how the counter updates, irregular readings, what goes wrong with them, and where the windows are cut. */
const schedule = fc.record({
  watts: fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 5, maxLength: 30 }),
  period: fc.integer({ min: 1, max: 150 }),
  gaps: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 20, maxLength: 120 }),
  wrong: fc.array(fc.tuple(fc.integer({ min: 3, max: 119 }), fc.constantFrom('nan', 'reset', 'away')), {
    maxLength: 3,
  }),
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 }),
})

const scopes = ['total', 'cpu', 'gpu'] as const

test('windows that tile another add up to it, asked early or late, whatever the readings', () => {
  let compared = 0
  fc.assert(
    fc.property(schedule, ({ watts, period, gaps, wrong, cuts }) => {
      const curves = new EnergyCurves(channels, 50e6)
      const wrongs = new Map(wrong)
      const end = gaps.reduce((sum, gap) => sum + gap, 0)
      const power = (ms: number): number => watts[Math.floor(ms / 37) % watts.length]!
      const edges = [0.2, ...cuts.map((cut) => 0.2 + 0.6 * cut), 0.8].sort((a, b) => a - b).map((share) => share * end)
      // Each part is asked as soon as its end is final; the whole when all is read.
      const parts: (WindowEnergy | undefined)[] = edges.slice(1).map(() => undefined)
      let at = 0
      let joules = 0
      let base = 0
      gaps.forEach((gap, reading) => {
        for (let ms = at; ms < at + gap; ms++) joules += power(ms) / 1e3
        at += gap
        const shown = joules - power(at) * ((at % period) / 1e3)
        const fault = wrongs.get(reading)
        if (fault === 'reset') base = shown
        const counter = fault === 'nan' ? Number.NaN : fault === 'away' ? undefined : Math.max(0, shown - base)
        curves.add(rows(at * 1e6, [counter, power(at), fault === 'away' ? undefined : power(at)]))
        for (let i = 1; i < edges.length; i++) {
          const [from, to] = [edges[i - 1]! * 1e6, edges[i]! * 1e6]
          const [a, b] = [curves.edges(from), curves.edges(to)]
          const final = [...a, ...b].every((edge) => edge?.final)
          if (parts[i - 1] === undefined && final && to > from) parts[i - 1] = curves.between(a, b, (to - from) / 1e9)
        }
      })
      const [from, to] = [edges[0]! * 1e6, edges.at(-1)! * 1e6]
      const whole = curves.between(curves.edges(from), curves.edges(to), (to - from) / 1e9)
      for (const scope of scopes) {
        // A part that no reading of a device covers has no joules of it, and one that never became final was not asked.
        const known = parts.filter((_, i) => edges[i + 1]! > edges[i]!)
        if (!known.every((part) => part?.[scope] && part[scope].source === whole[scope]?.source)) continue
        const sum = known.reduce((total, part) => total + part![scope]!.value!, 0)
        expect(Math.abs(sum - whole[scope]!.value!)).toBeLessThanOrEqual(1e-9 * Math.max(1e-3, whole[scope]!.value!))
        compared++
      }
    }),
    { numRuns: 500 },
  )
  expect(compared).toBeGreaterThan(500)
})

test('watts that the sensor marks as nobody’s are bridged, and the interval says so', () => {
  const of = (broken: boolean) => {
    const curves = new EnergyCurves([channels[1]!], 100e6)
    for (let i = 0; i <= 100; i++) curves.add(rows(i * 100e6, [broken && i === 50 ? Number.NaN : 100]))
    return curves.between(curves.edges(1e9), curves.edges(9e9), 8).gpu!
  }
  expect(of(true).value).toBeCloseTo(800, 6)
  // 0.2 s of 100 W may have been nothing, or twice as much.
  expect(of(true).statistical! - of(false).statistical!).toBeCloseTo(20, 1)
})

test('a window waits for a curve that grows, not for one that stands still, gives garbage or is slow', () => {
  const patience = 1.1e9
  const [cpu] = channels
  const fed = (value: (t: number) => number, every: number): EnergyCurves => {
    const curves = new EnergyCurves([cpu!], 100e6)
    for (let t = 0; t <= 10e9; t += every) curves.add(rows(t, [value(t)]))
    return curves
  }
  const growing = fed((t) => (50 * t) / 1e9, 100e6)
  expect(growing.final(9.5e9, 10e9, patience)).toBe(true)
  expect(growing.final(10.05e9, 10e9, patience)).toBe(false)
  const still = fed((t) => Math.min(200, (50 * t) / 1e9), 100e6)
  expect(still.final(9.5e9, 10e9, patience)).toBe(true)
  expect(fed(() => Number.NaN, 100e6).final(9.5e9, 10e9, patience)).toBe(true)
  expect(fed((t) => (50 * t) / 1e9, 2e9).final(9.5e9, 10e9, patience)).toBe(true)
})
