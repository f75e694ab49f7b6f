import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Channel } from '../../run/channel.ts'
import type { RunEvent } from '../../run/event.ts'
import { analyseEnergy, type EnergyReadings } from './energy.ts'

const channel = (rest: Partial<Channel> & Pick<Channel, 'id' | 'scope'>): Channel => ({
  sensor: 'test',
  quantity: 'energy',
  unit: 'J',
  kind: 'counter',
  grade: 'B',
  ...rest,
})

/** Readings of `value(seconds)` every 100 ms from 0 to 10 s. */
function measured(channels: readonly Channel[], value: (channel: number, s: number) => number): EnergyReadings {
  const t = Float64Array.from({ length: 101 }, (_, i) => i * 1e8)
  const series = channels.map((channel, c) => ({ channel, t, value: t.map((_at, i) => value(c, i / 10)) }))
  return { series, events: [], unmeasured: [] }
}

const window = { from: 1e9, to: 9e9, inferences: 80, flopsPerInference: 1e9 }

test('a counter at 50 W gives 50 W, 400 J and 5 J an inference, whatever the window’s phase', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 2, noNaN: true }), fc.double({ min: 6, max: 10, noNaN: true }), (from, to) => {
      const run = measured([channel({ id: 'p', scope: 'package' })], (_, s) => 50 * s)
      const { power, energy } = analyseEnergy(run, { ...window, from: from * 1e9, to: to * 1e9 })
      expect(power.cpu_w!.value).toBeCloseTo(50, 6)
      expect(energy.per_inference_j!.value).toBeCloseTo((50 * (to - from)) / 80, 6)
      expect(power.cpu_w!.low).toBeLessThanOrEqual(50)
      expect(power.cpu_w!.high).toBeGreaterThanOrEqual(50 - 1e-9)
    }),
  )
})

test('nothing is counted twice: psys holds the package, the package its cores', () => {
  const run = measured(
    [
      channel({ id: 'psys', scope: 'psys' }),
      channel({ id: 'p', scope: 'package', parent: 'psys' }),
      channel({ id: 'c', scope: 'core', parent: 'p' }),
      channel({ id: 'd', scope: 'dram' }),
    ],
    (c, s) => [100, 60, 40, 10][c]! * s,
  )
  const { power, energy } = analyseEnergy(run, window)
  expect(power.system_w!.value).toBeCloseTo(100, 6)
  expect(power.cpu_w!.value).toBeCloseTo(70, 6)
  expect(energy.total_j!.value).toBeCloseTo(800, 6)
})

test('a module holds its processor and its GPU, whichever sensor speaks for the module', () => {
  const watts = { quantity: 'power', unit: 'W', kind: 'gauge', grade: 'C' } as const
  const firmware = { ...watts, sensor: 'acpi-meter', kind: 'average' } as const
  const run = measured(
    [
      channel({ ...watts, id: 'nvml/GPU-a/module-power', sensor: 'nvml', scope: 'module', device: 'GPU-a' }),
      channel({ ...firmware, id: 'acpi-meter/m/power', scope: 'module', device: 'm' }),
      channel({ ...firmware, id: 'acpi-meter/g/power', scope: 'package', device: 'g', parent: 'acpi-meter/m/power' }),
    ],
    (c) => [500, 501, 110][c]!,
  )
  const { energy, power } = analyseEnergy(run, window)
  expect(energy.total_j!.value).toBeCloseTo(500 * 8, 6)
  expect(energy.parts!.map((part) => part.scope)).toEqual(['module'])
  expect(power.cpu_w!.value).toBeCloseTo(110, 6)
})

test('idle phases too short for the meter give no idle of it, and a row that says why', () => {
  const run = measured(
    [
      channel({ id: 'meter', scope: 'wall', quantity: 'power', unit: 'W', kind: 'gauge', period_ms: 1500 }),
      channel({ id: 'p', scope: 'package' }),
    ],
    (c, s) => [100 + (s % 3), 60 * s][c]!,
  )
  const phase = (t: number, edge: 'begin' | 'end'): RunEvent => ({
    recording: 0,
    t,
    kind: 'phase',
    data: { name: 'idle-before', edge },
  })
  const events = [phase(0, 'begin'), phase(2e9, 'end')]
  const { energy, unmeasured } = analyseEnergy({ ...run, events }, { ...window, from: 3e9 })
  expect(energy.total_j!.scope).toBe('wall')
  expect(energy.idle_w).toBeNull()
  expect(energy.net_per_inference_j).toBeNull()
  expect(unmeasured.find(({ what }) => what === 'idle_w')!.reason).toMatch(/from p, the load from meter/)
})

test('a counter goes before the power of the same device', () => {
  const run = measured(
    [
      channel({ id: 'e', scope: 'gpu', device: 'a' }),
      channel({ id: 'w', scope: 'gpu', device: 'a', quantity: 'power', unit: 'W', kind: 'gauge', grade: 'C' }),
      channel({ id: 'v', scope: 'gpu', device: 'b', quantity: 'power', unit: 'W', kind: 'gauge', grade: 'C' }),
    ],
    (c, s) => (c === 0 ? 300 * s : 200),
  )
  const { power } = analyseEnergy(run, window)
  expect(power.gpu_w!.value).toBeCloseTo(500, 6)
  expect(power.gpu_w!.grade).toBe('C')
})

test('an estimate is a range without a value, and joins no total', () => {
  const model = [
    channel({ id: 'l', scope: 'package', bound: 'low', grade: 'D' }),
    channel({ id: 'h', scope: 'package', bound: 'high', grade: 'D' }),
  ]
  const alone = analyseEnergy(
    measured(model, (c, s) => [2, 20][c]! * s),
    window,
  )
  expect(alone.power.cpu_w).toMatchObject({ value: null, grade: 'D' })
  expect(alone.power.cpu_w!.low).toBeCloseTo(2, 6)
  expect(alone.power.cpu_w!.high).toBeCloseTo(20, 6)
  const gpu = channel({ id: 'g', scope: 'gpu', device: 'a' })
  const both = analyseEnergy(
    measured([...model, gpu], (c, s) => [2, 20, 300][c]! * s),
    window,
  )
  expect(both.energy.total_j).toMatchObject({ grade: 'B', scope: 'gpu' })
})

test('what was not measured is null with a reason, never zero; so is a counter that stands still', () => {
  const still = analyseEnergy(
    measured([channel({ id: 'p', scope: 'psys' })], () => 0),
    window,
  )
  expect(still.power).toEqual({ system_w: null, cpu_w: null, gpu_w: null })
  expect(still.unmeasured.map((row) => row.what)).toEqual(expect.arrayContaining(['system_w', 'cpu_w', 'gpu_w']))
})

test('a gap widens the interval and is told', () => {
  const run = measured([channel({ id: 'p', scope: 'package' })], (_, s) => (s > 3 && s < 5 ? Number.NaN : 50 * s))
  const { cpu_w: figure } = analyseEnergy(run, window).power
  expect(figure!.value).toBeCloseTo(50, 4)
  expect(figure!.high! - figure!.low!).toBeGreaterThan(20)
  expect(figure!.caution).toMatch(/cover/)
})

test('an external meter is the system’s power, grade A; what it shows beyond the devices is unaccounted, not wrong', () => {
  const run = measured(
    [
      channel({
        id: 'meter',
        scope: 'wall',
        quantity: 'power',
        unit: 'W',
        kind: 'gauge',
        grade: 'A',
        systematic: 0.01,
      }),
      channel({ id: 'p', scope: 'package', device: 'package-0' }),
      channel({ id: 'g', scope: 'gpu', device: 'a' }),
    ],
    (c, s) => [238, 60 * s, 140 * s][c]!,
  )
  const { power, energy } = analyseEnergy(run, window)
  expect(power.system_w).toMatchObject({ grade: 'A', scope: 'wall' })
  expect(power.system_w!.value).toBeCloseTo(238, 6)
  expect(power.system_w!.systematic).toBeCloseTo(2.38, 6)
  const { low, high, value, statistical, systematic } = energy.total_j!
  expect(high! - low!).toBeCloseTo(2 * (statistical! + systematic!), 6)
  expect((high! - low!) / value!).toBeLessThan(0.05)
  expect(energy.checks).toEqual([
    expect.objectContaining({ kind: 'within', what: 'p + g', against: 'meter', agrees: true }),
  ])
  expect(energy.checks![0]!.residual_w).toBeCloseTo(38, 3)
})

test('a part that shows more than the whole it lies in is a disagreement', () => {
  const run = measured(
    [channel({ id: 'psys', scope: 'psys' }), channel({ id: 'p', scope: 'package', parent: 'psys' })],
    (c, s) => [50, 60][c]! * s,
  )
  const [check] = analyseEnergy(run, window).energy.checks!
  expect(check).toMatchObject({ kind: 'within', what: 'p', against: 'psys', agrees: false })
  expect(check!.residual_w).toBeCloseTo(-10, 3)
})

test('a second reading of the same joules is compared and never added; so is another sensor of the same packages', () => {
  const run = measured(
    [
      channel({ id: 'pmu', sensor: 'rapl', scope: 'package', device: 'package-0' }),
      channel({ id: 'powercap', sensor: 'rapl', scope: 'package', device: 'package-0', check: true }),
      channel({
        id: 'hwmon',
        sensor: 'hwmon',
        scope: 'package',
        device: 'socket0',
        quantity: 'power',
        unit: 'W',
        kind: 'gauge',
      }),
    ],
    (c, s) => [60 * s, 60.1 * s, 60][c]!,
  )
  const { power, energy } = analyseEnergy(run, window)
  expect(power.cpu_w!.value).toBeCloseTo(60, 6)
  expect(energy.checks!.map((check) => [check.what, check.against, check.agrees])).toEqual([['powercap', 'pmu', true]])
})

test('an APU’s watts are its package’s: they stand in for RAPL, never beside it, and its graphics lie within', () => {
  const watts = { quantity: 'power', unit: 'W', kind: 'gauge', grade: 'C', sensor: 'amdgpu' } as const
  const whole = channel({ ...watts, id: 'amdgpu/a/power', scope: 'package', device: 'package-0' })
  const graphics = channel({ ...watts, id: 'amdgpu/a/power-gfx', scope: 'uncore', device: 'a', parent: whole.id })
  const counter = channel({ id: 'rapl/package-0/energy', sensor: 'rapl', scope: 'package', device: 'package-0' })
  const alone = analyseEnergy(
    measured([whole, graphics], (c) => [30, 12][c]!),
    window,
  )
  expect(alone.power.cpu_w!.value).toBeCloseTo(30, 6)
  expect(alone.energy.total_j!.value).toBeCloseTo(240, 6)
  expect(alone.power.gpu_w).toBeNull()
  const both = analyseEnergy(
    measured([counter, whole, graphics], (c, s) => [29 * s, 30, 12][c]!),
    window,
  )
  expect(both.power.cpu_w!.value).toBeCloseTo(29, 6)
  expect(both.energy.total_j!.value).toBeCloseTo(232, 6)
  expect(both.energy.checks).toContainEqual(
    expect.objectContaining({ kind: 'same', what: 'amdgpu/a/power', against: 'rapl/package-0/energy' }),
  )
})

test('of a card’s joules those of its chip are a part', () => {
  const card = channel({ id: 'intel-gpu/a/energy', scope: 'gpu', device: 'a' })
  const chip = channel({ id: 'intel-gpu/a/energy-package', scope: 'zone', device: 'a', parent: card.id })
  const { power, energy } = analyseEnergy(
    measured([card, chip], (c, s) => [190, 150][c]! * s),
    window,
  )
  expect(power.gpu_w!.value).toBeCloseTo(190, 6)
  expect(energy.total_j!.value).toBeCloseTo(1520, 6)
})

test('where a GPU tells only how long it was awake, the process’ part is of that', () => {
  const of = { device: 'a', quantity: 'utilisation', unit: 'ratio', kind: 'average' } as const
  const run = measured(
    [
      channel({ id: 'intel-gpu/a/energy', scope: 'gpu', device: 'a' }),
      channel({ ...of, id: 'intel-gpu/a/active', scope: 'gpu' }),
      channel({ ...of, id: 'intel-gpu/a/process-utilisation', scope: 'process' }),
    ],
    (c, s) => [100 * s, 0.8, 0.4][c]!,
  )
  const [row] = analyseEnergy(run, window).energy.attributed ?? []
  expect(row!.share.value).toBeCloseTo(0.5, 6)
  expect(row!.joules.value).toBeCloseTo(400, 6)
})

test('two dies that mirror one counter are one package; two packages are two', () => {
  const dies = (names: readonly string[]) =>
    analyseEnergy(
      measured(
        names.map((device) => channel({ id: device, scope: 'package', device })),
        (_, s) => 60 * s,
      ),
      window,
    ).power.cpu_w!.value
  expect(dies(['package-0-die-0', 'package-0-die-1'])).toBeCloseTo(60, 6)
  expect(dies(['package-0', 'package-1'])).toBeCloseTo(120, 6)
})

test('a module holds its GPU; a graphics card beside a platform counter that is too small for it is added', () => {
  const module = analyseEnergy(
    measured(
      [channel({ id: 'm', scope: 'module', device: 'a' }), channel({ id: 'g', scope: 'gpu', device: 'a' })],
      (c, s) => [500, 350][c]! * s,
    ),
    window,
  )
  expect(module.energy.total_j).toMatchObject({ scope: 'module' })
  expect(module.energy.total_j!.value).toBeCloseTo(4000, 6)
  expect(module.power.gpu_w!.value).toBeCloseTo(350, 6)
  const card = analyseEnergy(
    measured(
      [
        channel({ id: 's', scope: 'psys' }),
        channel({ id: 'p', scope: 'package', parent: 's' }),
        channel({ id: 'g', scope: 'gpu', device: 'a' }),
      ],
      (c, s) => [80, 60, 300][c]! * s,
    ),
    window,
  )
  expect(card.power.system_w!.value).toBeCloseTo(380, 6)
  expect(card.energy.parts.map((part) => part.channel)).toEqual(['s', 'g'])
})

test('a window too short for its sensor has no value, says so, and how to mend it', () => {
  const slow = channel({ id: 'g', scope: 'gpu', device: 'a', period_ms: 1000 })
  const run = measured([slow], (_, s) => Math.floor(s) * 300)
  const { power, energy, unmeasured } = analyseEnergy(run, { ...window, from: 1.2e9, to: 1.8e9 })
  expect(power.gpu_w!.value).toBeNull()
  expect(power.gpu_w!.caution).toMatch(/below resolution/)
  expect(energy.per_inference_j!.value).toBeNull()
  expect(unmeasured.find((row) => row.what === 'gpu_w')).toMatchObject({ remedy: expect.stringContaining('--for') })
})

test('a watt-hour counter is left for the watts of the same meter', () => {
  const meter = { sensor: 'meter', scope: 'wall', device: 'plug', grade: 'A' } as const
  const run = measured(
    [
      channel({ ...meter, id: 'wh', period_ms: 1000 }),
      channel({ ...meter, id: 'w', quantity: 'power', unit: 'W', kind: 'gauge', period_ms: 1000 }),
    ],
    (c, s) => (c === 0 ? Math.floor((100 * s) / 360) * 360 : 100),
  )
  const { system_w: figure } = analyseEnergy(run, { ...window, rhythm: 1e7 }).power
  expect(figure!.source).toBe('w')
  expect(figure!.value).toBeCloseTo(100, 6)
})

const phase = (name: string, from: number, to: number): RunEvent[] => [
  { recording: 0, t: from * 1e9, kind: 'phase', data: { name, edge: 'begin' } },
  { recording: 0, t: to * 1e9, kind: 'phase', data: { name, edge: 'end' } },
]

test('idle is measured before and after; net is what the load adds, in the same document as gross', () => {
  const level = (s: number): number => (s > 3 && s <= 7 ? 100 : 40)
  const run = {
    ...measured([channel({ id: 'p', scope: 'package', systematic: 0.05 })], (_, s) => {
      let joules = 0
      for (let i = 1; i <= Math.round(s * 10); i++) joules += level(i / 10) / 10
      return joules
    }),
    events: [...phase('idle-before', 0.5, 2.5), ...phase('idle-after', 7.5, 9.5)],
  }
  const { energy } = analyseEnergy(run, { ...window, from: 3.5e9, to: 6.5e9, inferences: 30 })
  expect(energy.per_inference_j).toMatchObject({ basis: 'gross' })
  expect(energy.per_inference_j!.value).toBeCloseTo(10, 6)
  expect(energy.idle_w!.value).toBeCloseTo(40, 6)
  expect(energy.net_per_inference_j).toMatchObject({ basis: 'net' })
  expect(energy.net_per_inference_j!.value).toBeCloseTo(6, 6)
  expect(energy.net_per_inference_j!.caution).toBeUndefined()
  // A gain error is a share of what remains.
  expect(energy.net_per_inference_j!.systematic).toBeCloseTo(0.3, 6)
})

test('idle read from the watts of the meter whose counter gave the load is idle of that meter', () => {
  // Steps of 100 J: fine enough for the load, too coarse for a second of idle.
  const meter = { scope: 'wall', device: 'a', grade: 'A', period_ms: 100 } as const
  const level = (s: number): number => (s > 1.5 && s <= 8.3 ? 5000 : 40)
  const energyTo = (s: number): number => {
    let joules = 0
    for (let i = 1; i <= Math.round(s * 10); i++) joules += level(i / 10) / 10
    return joules
  }
  const run = {
    ...measured(
      [
        channel({ ...meter, id: 'shelly/a/energy' }),
        channel({ ...meter, id: 'shelly/a/power', quantity: 'power', unit: 'W', kind: 'gauge' }),
      ],
      (c, s) => (c === 0 ? Math.floor(energyTo(s) / 100 + 1e-6) * 100 : level(s)),
    ),
    events: [...phase('idle-before', 0.2, 1.3), ...phase('idle-after', 8.6, 9.8)],
  }
  const { energy } = analyseEnergy(run, { ...window, from: 1.7e9, to: 8.1e9, inferences: 64 })
  expect(energy.total_j!.source).toBe('shelly/a/energy')
  expect(energy.idle_w).toMatchObject({ source: 'shelly/a/power', value: expect.closeTo(40, 6) })
  expect(energy.net_per_inference_j!.value).toBeCloseTo(energy.per_inference_j!.value! - 4, 6)
})

test('idle at a moving temperature is cautioned, and so is the net', () => {
  const run = {
    ...measured(
      [
        channel({ id: 'p', scope: 'package' }),
        channel({ id: 't', scope: 'package', quantity: 'temperature', unit: 'degC', kind: 'gauge' }),
      ],
      (c, s) => (c === 0 ? 50 * s : s < 5 ? 40 : 80 - 4 * (s - 5)),
    ),
    events: [...phase('idle-before', 0.5, 2.5), ...phase('idle-after', 7.5, 9.5)],
  }
  const { energy } = analyseEnergy(run, { ...window, from: 3e9, to: 7e9 })
  expect(energy.idle_w!.caution).toMatch(/not steady/)
  expect(energy.net_per_inference_j!.caution).toMatch(/not steady/)
})

test('without idle phases net is null, with a reason', () => {
  const run = measured([channel({ id: 'p', scope: 'package' })], (_, s) => 50 * s)
  const { energy, unmeasured } = analyseEnergy(run, window)
  expect(energy.net_per_inference_j).toBeNull()
  expect(unmeasured.find((row) => row.what === 'idle_w')).toMatchObject({ remedy: expect.stringContaining('--idle') })
})

test('a one-second average is moved to the middle of its window, and its edges are not used', () => {
  // 50 W, then 250 W from 3 s on: the average rises over a second.
  const average = channel({
    id: 'a',
    scope: 'gpu',
    device: 'a',
    quantity: 'power',
    unit: 'W',
    kind: 'average',
    period_ms: 100,
    window_ms: 1000,
  })
  const run = measured([average], (_, s) => 50 + 200 * Math.min(1, Math.max(0, s - 3)))
  const { gpu_w: figure } = analyseEnergy(run, { ...window, from: 3e9, to: 8e9 }).power
  expect(figure!.value).toBeCloseTo(250, 6)
  expect(figure!.low!).toBeLessThan(250)
})

test('parts add up to the whole, and processes to no more than their device', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1, max: 500, noNaN: true }), { minLength: 2, maxLength: 5 }),
      fc.double({ min: 0, max: 8, noNaN: true }),
      fc.double({ min: 0, max: 8, noNaN: true }),
      (watts, target, self) => {
        const time = { quantity: 'time', unit: 's', kind: 'counter', sensor: 'procfs' } as const
        const devices = watts.map((_, i) =>
          i === 0
            ? channel({ id: 'cpu', scope: 'package', device: 'package-0' })
            : channel({ id: `gpu-${i}`, scope: 'gpu', device: `gpu-${i}` }),
        )
        const run = measured(
          [
            ...devices,
            channel({ id: 'procfs/host/busy', scope: 'host', ...time }),
            channel({ id: 'procfs/target/cpu', scope: 'process', ...time }),
            channel({ id: 'procfs/self/cpu', scope: 'process', ...time }),
          ],
          (c, s) => [...watts, 4, target, self][c]! * s,
        )
        const { energy } = analyseEnergy(run, window)
        const sum = energy.parts.reduce((total, part) => total + part.joules.value!, 0)
        expect(Math.abs(sum - energy.total_j!.value!)).toBeLessThan(1e-9 * sum)
        const attributed = energy.attributed!.reduce((total, row) => total + row.joules.value!, 0)
        expect(attributed).toBeLessThanOrEqual(8 * watts[0]! * (1 + 1e-9))
        if (target + self <= 4) expect(energy.attributed![0]!.share.value).toBeCloseTo(target / 4, 6)
      },
    ),
    { numRuns: 50 },
  )
})

test('what is replayed says so', () => {
  const run = measured([channel({ id: 'p', scope: 'package', sensor: 'replay' })], (_, s) => 50 * s)
  expect(analyseEnergy(run, window).power.cpu_w!.caution).toContain('replayed from a recording')
})

const firmware = channel({
  id: 'acpi-meter/system/power',
  sensor: 'acpi-meter',
  scope: 'system',
  quantity: 'power',
  unit: 'W',
  kind: 'average',
  window_ms: 1000,
  grade: 'C',
  systematic: 0.03,
})
const gauge = { quantity: 'power', unit: 'W', kind: 'gauge', grade: 'C' } as const

test('the firmware’s meter is the system’s power: what lies within it is compared, never added', () => {
  const run = measured(
    [
      firmware,
      channel({ id: 'rapl/psys/energy', sensor: 'rapl', scope: 'psys', device: 'psys' }),
      channel({ id: 'p0', sensor: 'rapl', scope: 'package', device: 'package-0', parent: 'rapl/psys/energy' }),
      channel({ id: 'g', sensor: 'nvml', scope: 'gpu', device: 'a' }),
      channel({ id: 'rail', sensor: 'hwmon', scope: 'zone', device: 'ina226', ...gauge }),
    ],
    (c, s) => [600, 260 * s, 200 * s, 250 * s, 33][c]!,
  )
  const { power, energy } = analyseEnergy(run, window)
  expect(power.system_w).toMatchObject({ grade: 'C', scope: 'system', source: firmware.id })
  expect(power.system_w!.value).toBeCloseTo(600, 6)
  expect(power.system_w!.systematic).toBeCloseTo(18, 6)
  expect(energy.total_j!.value).toBeCloseTo(4800, 6)
  expect(energy.parts.map((part) => part.channel)).toEqual([firmware.id])
  expect(energy.checks!.map(({ what, against, agrees }) => [what, against, agrees])).toEqual([
    ['p0', 'rapl/psys/energy', true],
    // The platform counter is too small for the card, which is beside it.
    ['rapl/psys/energy + g', firmware.id, true],
  ])
  expect(power.cpu_w!.value).toBeCloseTo(200, 6)
  expect(power.gpu_w!.value).toBeCloseTo(250, 6)
})

test('two meters of the whole machine are one machine: one speaks, the other checks it', () => {
  const base = { sensor: 'battery', scope: 'system', grade: 'C', systematic: 0.05, period_ms: 1000 } as const
  const run = measured([firmware, channel({ ...base, ...gauge, id: 'battery/system/power' })], (c) => [30, 31][c]!)
  const { power, energy } = analyseEnergy(run, { ...window, rhythm: 1e7 })
  expect(power.system_w).toMatchObject({ source: 'battery/system/power', grade: 'C' })
  expect(energy.total_j!.value).toBeCloseTo(248, 6)
  expect(energy.checks).toEqual([
    expect.objectContaining({ kind: 'same', what: firmware.id, against: 'battery/system/power', agrees: true }),
  ])
})

test('a battery’s counter of whole steps gives way to its watts; plugged in, the window is not covered', () => {
  const base = { sensor: 'battery', scope: 'system', grade: 'C', systematic: 0.05, period_ms: 1000 } as const
  const channels = [
    channel({ ...base, ...gauge, id: 'battery/system/power' }),
    channel({ ...base, id: 'battery/system/energy' }),
  ]
  const whole = analyseEnergy(
    measured(channels, (c, s) => (c === 0 ? 20 : Math.floor((20 * s) / 36) * 36)),
    { ...window, rhythm: 1e7 },
  )
  expect(whole.power.system_w).toMatchObject({ source: 'battery/system/power' })
  const plugged = analyseEnergy(
    measured(channels.slice(0, 1), (_, s) => (s > 3 && s < 6 ? Number.NaN : 20)),
    { ...window, rhythm: 1e7 },
  )
  expect(plugged.power.system_w!.value).toBeCloseTo(20, 6)
  expect(plugged.power.system_w!.high! - plugged.power.system_w!.low!).toBeGreaterThan(10)
})

test('a window too short for the outermost meter is left to the devices, and the meter’s figure says so', () => {
  const run = measured(
    [firmware, channel({ id: 'p', scope: 'package', device: 'package-0' })],
    (c, s) => [300, 80 * s][c]!,
  )
  const { power, energy, unmeasured } = analyseEnergy(run, { ...window, from: 2e9, to: 3.2e9 })
  expect(power.system_w!.value).toBeNull()
  expect(unmeasured.find((row) => row.what === 'system_w')!.reason).toMatch(/below resolution/)
  expect(energy.total_j).toMatchObject({ scope: 'package', source: 'p' })
  expect(energy.total_j!.value).toBeCloseTo(96, 6)
  expect(energy.parts.map((part) => part.channel)).toEqual(['p'])
})

test('AMD’s registers through hwmon beside RAPL are the same joules', () => {
  const run = measured(
    [
      channel({ id: 'rapl/package-0/energy', sensor: 'rapl', scope: 'package', device: 'package-0' }),
      channel({ id: 'hwmon/package-0/energy', sensor: 'hwmon', scope: 'package', device: 'package-0' }),
    ],
    (c, s) => [90, 90.02][c]! * s,
  )
  const { power, energy } = analyseEnergy(run, window)
  expect(power.cpu_w!.value).toBeCloseTo(90, 6)
  expect(energy.checks).toEqual([
    expect.objectContaining({ kind: 'same', what: 'hwmon/package-0/energy', agrees: true }),
  ])
})

test('Grace Hopper’s module holds its socket and the GPU that the driver shows, whichever sensor reads it', () => {
  const module = channel({ ...gauge, id: 'm', sensor: 'acpi-meter', scope: 'module', device: 'Module-Power-Socket-0' })
  const socket = { sensor: 'acpi-meter', scope: 'package', device: 'Grace-Power-Socket-0', parent: 'm' } as const
  const run = measured(
    [
      module,
      channel({ ...gauge, ...socket, id: 'grace' }),
      channel({ id: 'g', sensor: 'nvml', scope: 'gpu', device: 'GPU-a' }),
      channel({ ...gauge, id: 'nvml-module', sensor: 'nvml', scope: 'module', device: 'GPU-a' }),
    ],
    (c, s) => [500, 110, 360 * s, 501][c]!,
  )
  const { power, energy } = analyseEnergy(run, window)
  expect(energy.total_j).toMatchObject({ scope: 'module', source: 'm' })
  expect(energy.total_j!.value).toBeCloseTo(4000, 6)
  expect(power.cpu_w!.value).toBeCloseTo(110, 6)
  expect(power.gpu_w!.value).toBeCloseTo(360, 6)
  expect(energy.checks!.map(({ kind, what, against }) => [kind, what, against])).toContainEqual([
    'within',
    'grace + g',
    'm',
  ])
})

test('a drive that warms up does not make idle unsteady where the processor stood still', () => {
  const t = { quantity: 'temperature', unit: 'degC', kind: 'gauge' } as const
  const run = {
    ...measured(
      [
        channel({ id: 'p', scope: 'package' }),
        channel({ ...t, id: 'cpu', scope: 'package' }),
        channel({ ...t, id: 'nvme', scope: 'zone' }),
      ],
      (c, s) => [50 * s, 45, 30 + 2 * s][c]!,
    ),
    events: [...phase('idle-before', 0.5, 2.5), ...phase('idle-after', 7.5, 9.5)],
  }
  expect(analyseEnergy(run, { ...window, from: 3e9, to: 7e9 }).energy.idle_w!.caution).toBeUndefined()
})

test('a load in step with a sensor that sees a part of the time: every figure of that sensor says so', () => {
  const power = channel({ ...gauge, id: 'nvml/gpu/power', scope: 'gpu', device: 'gpu', period_ms: 100, window_ms: 25 })
  const run = measured([power], () => 300)
  const figures = (cycle: { readonly cycle: number; readonly spread: number }): readonly (string | undefined)[] => {
    const { energy, power: watts } = analyseEnergy(run, { ...window, cycle })
    return [watts.gpu_w, energy.total_j, energy.per_inference_j].map((figure) => figure!.caution)
  }
  for (const caution of figures({ cycle: 20, spread: 0.1 })) {
    expect(caution).toContain('nvml/gpu/power sees 25 ms of every 100 ms and the load repeats every 20 ms')
  }
  for (const caution of figures({ cycle: 20, spread: 15 })) expect(caution ?? '').not.toContain('sees 25 ms')
})
