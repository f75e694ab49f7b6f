import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Channel } from '../../run/channel.ts'
import type { Figure } from '../../run/figure.ts'
import { allocateSamples, type SampleChunk } from '../../run/table.ts'
import { EnergyCurves } from './energy-curves.ts'
import type { WindowEnergy } from './window.ts'

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
        if (!known.every((part) => part?.[scope] && part[scope].sources?.join() === whole[scope]?.sources?.join()))
          continue
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

interface Shown extends Partial<Channel> {
  readonly id: string
  readonly scope: Channel['scope']
  /** Its reading at a second; `undefined`: none. */
  readonly read: (s: number) => number | undefined
}

/** Total of the last second, after readings every 100 ms until `s`. */
function lastTotal(s: number, ...shown: readonly Shown[]): Figure | null {
  const all = shown.map(({ read: _read, ...channel }): Channel => ({
    sensor: channel.id.split('/')[0]!,
    device: channel.id.split('/')[1]!,
    quantity: 'power',
    unit: 'W',
    kind: 'gauge',
    grade: 'C',
    ...channel,
  }))
  const curves = new EnergyCurves(all, 1e8)
  for (let i = 0; i <= 10 * s; i++)
    curves.add(
      rows(
        i * 1e8,
        shown.map(({ read }) => read(i / 10)),
      ),
    )
  return curves.lastSecond(s * 1e9).total
}

const steady =
  (watts: number): Shown['read'] =>
  () =>
    watts
const joules = { quantity: 'energy', kind: 'counter', unit: 'J' } as const

describe('the last second', () => {
  test('is the mean over it, not the latest reading', () => {
    const square: Shown = { id: 'nvml/a', scope: 'gpu', read: (s) => (Math.round(s * 10) % 2 === 0 ? 100 : 300) }
    expect(lastTotal(5, square)!.value).toBeCloseTo(200, 6)
  })

  test('is not known before the second reading, nor once a channel has given nothing for two seconds', () => {
    const until = (last: number): Shown => ({ id: 'nvml/a', scope: 'gpu', read: (s) => (s <= last ? 80 : undefined) })
    expect(lastTotal(0, until(9))).toBeNull()
    expect(lastTotal(0.1, until(9))!.value).toBeCloseTo(80, 6)
    expect(lastTotal(6.9, until(5))!.value).toBeCloseTo(80, 6)
    expect(lastTotal(7.1, until(5))).toBeNull()
    // A counter that is read but stands still tells no more than one that is not read, and garbage is no reading.
    const still: Shown = { id: 'rapl/p', scope: 'package', ...joules, read: (s) => 50 * Math.min(s, 5) }
    expect(lastTotal(6.9, still)!.value).toBeCloseTo(50, 6)
    expect(lastTotal(7.1, still)).toBeNull()
    expect(lastTotal(9, { ...until(9), read: (s) => (s <= 5 ? 80 : Number.NaN) })).toBeNull()
  })

  test('is known when a burst of readings is over, as before the load of a run', () => {
    const curves = new EnergyCurves([channels[1]!], 1e8)
    for (let t = 0; t <= 2e9; t += 4e6) curves.add(rows(t, [100]))
    for (let t = 2.1e9; t <= 5e9; t += 1e8) curves.add(rows(t, [300]))
    expect(curves.lastSecond(5e9).gpu!.value).toBeCloseTo(300, 6)
  })

  test('of a sensor that is slower is what its last readings show', () => {
    const every4s = (s: number): number | undefined => (s % 4 === 0 ? 20 + s : undefined)
    const meter: Shown = { id: 'battery/b', scope: 'system', period_ms: 4000, read: every4s }
    // The mean of 24 W at 4 s and 28 W at 8 s.
    expect(lastTotal(9.5, meter)!.value).toBeCloseTo(26, 6)
  })

  test('of a meter that is slower than the run’s rate, and does not say so, is known after a few of its readings', () => {
    const slow: Shown = { id: 'own/m', scope: 'system', read: (s) => (s % 1 === 0 ? 110 : undefined) }
    const inner: Shown = { id: 'rapl/p', scope: 'package', ...joules, read: (s) => 50 * s }
    expect(lastTotal(5, slow, inner)!.value).toBeCloseTo(110, 6)
  })

  test('of a counter that is read more often than it updates has no rest in between', () => {
    const counter: Shown = { id: 'rapl/p', scope: 'package', ...joules, read: (s) => 5 * Math.floor(s / 0.3 + 1e-9) }
    for (const s of [6, 6.1, 6.2]) expect(lastTotal(s, counter)!.value).toBeCloseTo(5 / 0.3, 1)
  })

  test('of a model is a range, and only where nothing is measured', () => {
    const model = (['low', 'high'] as const).map((bound): Shown => ({
      id: `model/${bound}`,
      scope: 'package',
      ...joules,
      bound,
      grade: 'D',
      read: (s) => (bound === 'low' ? 20 : 90) * s,
    }))
    const range = lastTotal(3, ...model)!
    expect(range).toMatchObject({ value: null, grade: 'D' })
    expect([range.low, range.high].map((watts) => Math.round(watts!))).toEqual([20, 90])
    expect(lastTotal(3, ...model, { id: 'nvml/a', scope: 'gpu', read: steady(200) })!.value).toBeCloseTo(200, 6)
  })
})

test.each([
  ['a meter at the wall holds all that the others see', 120, ['shelly/plug wall 120', 'rapl/package-0 package 65']],
  ['a check never counts', 290, ['amdgpu/a gpu 200', 'amdgpu!/a gpu 201', 'amdgpu/b gpu 90']],
  [
    'of two sensors of the packages one counts, a rail of unknown place never',
    170,
    ['rapl/package-0 package 90', 'rapl/package-1 package 80', 'hwmon/package-0 package 90', 'hwmon/ina zone 12'],
  ],
  [
    'a module holds its processor and its GPU, also where another sensor reads it',
    500,
    ['acpi-meter/m module 500', 'rapl/g package 110', 'nvml/GPU-a gpu 350'],
  ],
  [
    'memory is beside its package, what lies within the package is not',
    50,
    ['rapl/package-0 package 40', 'rapl/package-0/dram dram 10', 'intel-gpu/package-0 uncore 5'],
  ],
  [
    'the platform may hold the card',
    200,
    ['rapl/psys psys 200', 'rapl/package-0 package 40', 'rapl/package-0/dram dram 10', 'nvml/GPU-a gpu 100'],
  ],
  [
    'it does not where it shows less than both',
    160,
    ['rapl/psys psys 60', 'rapl/package-0 package 40', 'rapl/package-0/dram dram 10', 'nvml/GPU-a gpu 100'],
  ],
])('%s: %d W', (_, watts, lines) => {
  const shown = lines.map((line): Shown => {
    const [id, scope, value] = line.split(' ') as [string, Channel['scope'], string]
    return {
      id: id.replace('!', ''),
      scope,
      read: steady(Number(value)),
      ...(id.includes('!') ? { check: true } : {}),
      ...(scope === 'package' && lines[0]!.includes('psys') ? { parent: 'rapl/psys' } : {}),
    }
  })
  expect(lastTotal(3, ...shown)!.value).toBeCloseTo(watts, 6)
})
