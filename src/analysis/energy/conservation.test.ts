// What the document says of its sums, on machines made at random.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Channel } from '../../run/channel.ts'
import type { Figure } from '../../run/figure.ts'
import type { RunEvent } from '../../run/event.ts'
import { analyseEnergy, type EnergyResult, type EnergyWindow } from './energy.ts'

type Shown = readonly [Channel, (s: number) => number]

const counter = (id: string, rest: Partial<Channel>): Channel => ({
  id,
  sensor: id.split('/')[0]!,
  quantity: 'energy',
  unit: 'J',
  kind: 'counter',
  scope: 'package',
  grade: 'B',
  systematic: 0.03,
  ...rest,
})
const gauge = (id: string, rest: Partial<Channel>): Channel =>
  counter(id, { quantity: 'power', unit: 'W', kind: 'gauge', grade: 'C', ...rest })

const watts = fc.integer({ min: 5, max: 500 })
/** W at rest, and what the load adds. */
const draw = fc.tuple(watts, watts)
const maybe = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(some, { nil: undefined, freq: 1 })

const machines = fc.record({
  wall: maybe(draw),
  psys: maybe(draw),
  packages: fc.array(draw, { maxLength: 2 }),
  dram: maybe(draw),
  gpus: fc.array(fc.tuple(draw, fc.boolean()), { maxLength: 3 }),
  module: maybe(draw),
  model: fc.boolean(),
  /** Cores of the target, of tailwatt, and of others; shares of the GPU. */
  cores: fc.tuple(...[0, 1, 2].map(() => fc.double({ min: 0, max: 8, noNaN: true }))),
  shares: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0.01, max: 1, noNaN: true })),
  inferences: fc.integer({ min: 0, max: 5000 }),
  idle: fc.boolean(),
  /** One in ten has nothing but the estimate. */
  meters: fc.nat(9),
  garbage: fc.array(fc.tuple(fc.nat(2000), fc.constantFrom(Number.NaN, 0, -5, 1e9)), { maxLength: 5 }),
})
type Machine = typeof machines extends fc.Arbitrary<infer T> ? T : never

const none = {
  wall: undefined,
  psys: undefined,
  packages: [],
  dram: undefined,
  gpus: [],
  module: undefined,
} satisfies Partial<Machine>

const from = 3
const to = 9
const poll = 0.1

/** Joules at `s`: the load runs from `from` to `to`. */
const energyOf =
  ([rest, more]: readonly [number, number]) =>
  (s: number) =>
    10 + rest * s + more * Math.max(0, Math.min(s, to) - from)
const powerOf =
  ([rest, more]: readonly [number, number]) =>
  (s: number) =>
    s > from && s < to ? rest + more : rest

function channelsOf(machine: Machine): readonly Shown[] {
  const { model, cores, shares } = machine
  const { wall, psys, packages, dram, gpus, module } = machine.meters > 0 ? machine : none
  const time = { quantity: 'time', unit: 's', scope: 'process', role: 'cpu-time' } as const
  return [
    ...(wall ? [[gauge('shelly/a/power', { scope: 'wall', device: 'a', grade: 'A' }), powerOf(wall)] as const] : []),
    ...(psys ? [[counter('rapl/psys/energy', { scope: 'psys', device: 'psys' }), energyOf(psys)] as const] : []),
    ...packages.map((each, i): Shown => {
      const within = psys ? { parent: 'rapl/psys/energy' } : {}
      return [counter(`rapl/package-${i}/energy`, { device: `package-${i}`, ...within }), energyOf(each)]
    }),
    ...(dram ? [[counter('rapl/package-0/dram/energy', { scope: 'dram', device: 'd' }), energyOf(dram)] as const] : []),
    ...(module ? [[gauge('acpi-meter/m/power', { scope: 'module', device: 'm' }), powerOf(module)] as const] : []),
    ...gpus.flatMap(([each, counts], i): Shown[] => {
      const own = { scope: 'gpu', device: `GPU-${i}` } as const
      const share = { ...own, quantity: 'utilization', unit: 'ratio', kind: 'average', role: 'utilization' } as const
      return [
        [gauge(`nvml/GPU-${i}/power`, own), powerOf(each)],
        ...(counts ? [[counter(`nvml/GPU-${i}/energy`, own), energyOf(each)] as const] : []),
        [
          gauge(`nvml/GPU-${i}/process-utilization`, { ...share, scope: 'process', subject: 'target' }),
          () => shares[0],
        ],
        [gauge(`nvml/GPU-${i}/utilization`, share), () => shares[1]],
      ]
    }),
    ...(model
      ? (['low', 'high'] as const).map((bound): Shown => [
          counter(`model/${bound}`, { bound, grade: 'D' }),
          energyOf(bound === 'low' ? [2, 10] : [20, 200]),
        ])
      : []),
    [counter('procfs/host/busy', { ...time, subject: 'host' }), (s) => (cores[0]! + cores[1]! + cores[2]!) * s],
    [counter('procfs/target/cpu', { ...time, subject: 'target' }), (s) => cores[0]! * s],
    [counter('procfs/self/cpu', { ...time, subject: 'tailwatt' }), (s) => cores[1]! * s],
  ]
}

function analysed(machine: Machine): { readonly result: EnergyResult; readonly window: EnergyWindow } {
  const shown = channelsOf(machine)
  const t = Float64Array.from({ length: Math.round(12 / poll) }, (_, i) => i * poll * 1e9)
  const series = shown.map(([channel, value]) => ({ channel, t, value: t.map((_, i) => value(i * poll)) }))
  for (const [at, value] of machine.garbage) {
    const own = series[at % shown.length]!.value
    const i = Math.floor(at / shown.length)
    if (i < own.length) own[i] = value
  }
  const phase = (name: 'idle-before' | 'idle-after', begin: number, end: number): readonly RunEvent[] =>
    (
      [
        ['begin', begin],
        ['end', end],
      ] as const
    ).map(([edge, s]) => ({
      recording: 0,
      t: s * 1e9,
      kind: 'phase',
      data: { name, edge },
    }))
  const events = machine.idle ? [...phase('idle-before', 0.5, 2.5), ...phase('idle-after', 9.5, 11.5)] : []
  const window = { from: from * 1e9, to: to * 1e9, inferences: machine.inferences, flopsPerInference: 1e9 }
  return { result: analyseEnergy({ series, events, unmeasured: [] }, window), window }
}

const close = (a: number, b: number): void =>
  expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(a), Math.abs(b)))

function figuresOf(value: unknown): readonly Figure[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.values(value).flatMap(figuresOf)
  return 'low' in value && 'high' in value && 'value' in value ? [value as Figure, ...inner] : inner
}

test('sums are those of their parts, residuals are differences, and no interval is the wrong way round', () => {
  const seen = { parts: 0, net: 0, residual: 0, attributed: 0, estimate: 0 }
  fc.assert(
    fc.property(machines, (machine) => {
      const { result, window } = analysed(machine)
      const { energy, power } = result
      const total = energy.total_j
      const seconds = to - from
      for (const figure of figuresOf({ energy, power })) {
        for (const number of [figure.value, figure.low, figure.high, figure.n])
          expect(number === null || Number.isFinite(number)).toBe(true)
        const { value, low, high } = figure
        if (low !== null && high !== null) expect(low).toBeLessThanOrEqual(high)
        if (value !== null && low !== null) expect(low).toBeLessThanOrEqual(value + 1e-9 * Math.abs(value))
        if (value !== null && high !== null) expect(high).toBeGreaterThanOrEqual(value - 1e-9 * Math.abs(value))
        if (figure.grade === 'D') expect(value).toBeNull()
      }
      if (total?.grade === 'D') {
        seen.estimate++
        expect(energy.parts).toEqual([])
      }
      if (total !== null && total.value !== null) {
        seen.parts++
        close(
          energy.parts!.reduce((sum, { joules }) => sum + joules.value!, 0),
          total.value,
        )
        if (window.inferences > 0) {
          close(energy.per_inference_j!.value! * window.inferences, total.value)
          if (total.value > 0) close(energy.inferences_per_watt!.value! * total.value, window.inferences)
        }
        const net = energy.net_per_inference_j
        if (net) {
          seen.net++
          close(net.value! * window.inferences, total.value - energy.idle_w!.value! * seconds)
        }
        const outermost = energy.chain!.find(({ joules }) => joules !== null && joules.value !== null)!
        if (outermost.level !== 'platform' || power.system_w) close(outermost.joules!.value!, total.value)
      }
      const steps = energy.chain!.filter(({ level }) => level !== 'inference')
      steps.forEach((step, i) => {
        if (step.watts && step.joules && step.joules.value !== null)
          close(step.watts.value! * seconds, step.joules.value)
        const inner = steps.slice(i + 1).find(({ joules }) => joules !== null && joules.value !== null)
        if (!step.unaccounted) return
        seen.residual++
        close(step.unaccounted.value!, step.joules!.value! - inner!.joules!.value!)
      })
      for (const device of new Set(energy.attributed!.map((row) => row.channels.join()))) {
        seen.attributed++
        const rows = energy.attributed!.filter((row) => row.channels.join() === device)
        const sum = rows.reduce((joules, row) => joules + row.joules.value!, 0)
        expect(sum).toBeLessThanOrEqual(rows[0]!.of_joules * (1 + 1e-9))
      }
      for (const check of energy.checks!)
        if (check.residual_j !== null) close(check.residual_j, check.against_joules.value! - check.joules.value!)
    }),
    { numRuns: 400 },
  )
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5)
})

test('the total is what the outermost drew, and nothing twice', () => {
  const joules = ([rest, more]: readonly [number, number]): number => (rest + more) * (to - from)
  fc.assert(
    fc.property(machines, (given) => {
      const machine = { ...given, garbage: [] }
      const { wall, psys, packages, dram, gpus, module } = machine
      const total = analysed(machine).result.energy.total_j
      const sum = (draws: readonly (readonly [number, number])[]): number =>
        draws.reduce((all, each) => all + joules(each), 0)
      // A module of the firmware's holds processor and GPUs.
      const devices = module
        ? joules(module)
        : sum([...packages, ...(dram && packages.length > 0 ? [dram] : []), ...gpus.map(([each]) => each)])
      const expected = wall
        ? [joules(wall)]
        : psys
          ? [joules(psys), joules(psys) + sum(gpus.map(([each]) => each))]
          : [devices]
      if (psys && module && !wall) expected.push(joules(psys) + joules(module))
      if (total === null || total.value === null) return
      // A step of power at the window's edges is met within a reading.
      const nearest = Math.min(...expected.map((each) => Math.abs(each - total.value!) / each))
      expect(nearest).toBeLessThan(0.03)
    }),
    { numRuns: 300 },
  )
})
