// The truth test of the whole arithmetic: what the analysis says of a demo run, held against what its machine did.
import { describe, expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import type { RunDocument } from '../run/document.ts'
import type { Figure } from '../run/figure.ts'
import { parseRunDocument } from '../run/schema.ts'
import { a100 } from './boards/a100.ts'
import { h100 } from './boards/h100.ts'
import { demoNames, demoRun, runOf, type DemoRun } from './demo-run.ts'
import type { Span } from './schedule.ts'
import { rails, type Rail, type Truth } from './truth.ts'
import { cautionText } from '../run/caution.ts'

const tool = { name: 'tailwatt', version: '0.0.0', node: 'v0' } as const

class Judged {
  readonly truth: Truth
  readonly document: RunDocument
  /** What the analysis keeps: after the warm-up until the last answer. */
  readonly from: number
  readonly to: number
  readonly inferences: number

  constructor({ measured, truth }: DemoRun) {
    this.truth = truth
    this.document = analyse(measured)
    const { excluded_warmup: prefix } = this.document.requests
    this.from = truth.requests.started[prefix]!
    this.to = truth.loadTo
    this.inferences = (truth.requests.length - prefix) * 32
  }

  get seconds(): number {
    return (this.to - this.from) / 1e9
  }

  joules(...of: readonly Rail[]): number {
    return of.reduce((sum, rail) => sum + this.truth.between(rail, this.from, this.to), 0)
  }

  /** Mean of the phases before and after the load, W. */
  get idle(): number {
    const { idleBefore, settle, idle } = this.truth.schedule
    const watts = ({ from, to }: Span): number => this.truth.between('wall', from, to) / ((to - from) / 1e9)
    return (watts(idleBefore) + watts({ from: this.to + settle, to: this.to + settle + idle })) / 2
  }
}

const runs = { h100: new Judged(demoRun('h100', tool)!), a100: new Judged(demoRun('a100', tool)!) }
const { document, truth, from, to, seconds } = runs.h100
const joules = (...of: readonly Rail[]): number => runs.h100.joules(...of)

/** How far the truth lies from the value, in half-widths: below 1 is within. */
function distance({ value, low, high, sources }: Figure, truly: number): number {
  const half = truly < value! ? value! - low! : high! - value!
  const far = Math.abs(truly - value!) / half
  if (process.env['TAILWATT_PRINT'] !== undefined) {
    const [told, least, most, true_] = [value!, low!, high!, truly].map((number) => number.toPrecision(5))
    process.stdout.write(`${sources}: ${told} (${least} … ${most}), truly ${true_}: ${far.toFixed(2)} half-widths\n`)
  }
  return far
}

test('the same name is the same run, and an unknown one is none', () => {
  expect(demoRun('h100', tool)!.measured).toEqual(demoRun('h100', tool)!.measured)
  expect(demoRun('h1000', tool)).toBeUndefined()
  expect(Object.keys(runs)).toEqual(demoNames)
})

describe.each(Object.entries(runs))('demo:%s', (name, run) => {
  test('says of itself, of each channel and of each figure that it is synthetic', () => {
    const { document } = run
    expect(document.synthetic?.board).toMatch(new RegExp(name, 'i'))
    expect(document.synthetic!.note).toContain('Nothing here was measured')
    expect(new Set(document.channels.map(({ sensor }) => sensor))).toEqual(new Set(['synthetic']))
    const { energy, power } = document
    for (const figure of [...Object.values(power), energy.total_j, energy.idle_w, energy.net_per_inference_j])
      expect(cautionText(figure!)).toMatch(/^synthetic, not measured(?!.*synthetic, not)/)
    expect(parseRunDocument(structuredClone(document), 'demo')).toBeTruthy()
  })

  test('holds parts that never exceed the whole they lie in', () => {
    for (let t = 0; t + 5e9 < run.truth.end; t += 5e9) {
      const of = (rail: Rail): number => run.truth.between(rail, t, t + 5e9)
      expect(of('gpuMemory')).toBeLessThan(of('gpu'))
      expect(of('package0') + of('package1') + of('dram0') + of('dram1')).toBeLessThan(of('psys'))
      expect(of('psys') + of('gpu')).toBeLessThan(of('wall'))
      for (const rail of rails) expect(of(rail)).toBeGreaterThan(0)
    }
  })

  test('has energy figures whose intervals hold the truth, and are narrow', () => {
    const { energy, power } = run.document
    const wall = run.joules('wall')
    for (const [figure, truly, width = 0.06] of [
      [energy.total_j, wall],
      [energy.per_inference_j, wall / run.inferences],
      [energy.inferences_per_watt, run.inferences / wall],
      [energy.flops_per_watt, (run.inferences * run.document.target.model!.flops!) / wall],
      [power.system_w, wall / run.seconds],
      [power.cpu_w, run.joules('package0', 'package1', 'dram0', 'dram1') / run.seconds, 0.005],
      [energy.idle_w, run.idle, 0.2],
      [energy.net_per_inference_j, (wall - run.idle * run.seconds) / run.inferences, 0.6],
    ] as const) {
      expect(figure?.value).toBeTypeOf('number')
      expect(distance(figure!, truly), figure!.sources?.join()).toBeLessThan(1)
      expect((figure!.high! - figure!.low!) / figure!.value!, figure!.sources?.join()).toBeLessThan(width)
    }
  })

  test('has the GPU’s power as its sensor reports it, within the statistical part alone', () => {
    const { gain, offset } = (name === 'h100' ? h100 : a100).gpu.sensor
    const reported = (gain * run.joules('gpu')) / run.seconds + offset
    const { value, statistical } = run.document.power.gpu_w!
    expect(Math.abs(value! - reported)).toBeLessThan(statistical!)
    expect(statistical! / value!).toBeLessThan(0.01)
    // And the truth within the whole, which knows how wrong such a board is.
    expect(distance(run.document.power.gpu_w!, run.joules('gpu') / run.seconds)).toBeLessThan(1)
  })

  test('has the true time throttled, and knows the slow seconds as those', () => {
    const { thermal } = run.document
    const share = run.truth.between('thermalThrottle', run.from, run.to) / run.seconds
    expect(share).toBeGreaterThan(0.1)
    expect(thermal!.throttled.find(({ reason }) => reason === 'thermal')!.share!.value).toBeCloseTo(share, 6)
    expect(thermal!.coincidence!.change!.low).toBeGreaterThan(0.05)
    expect(thermal!.coincidence!.excess_share).toBeGreaterThan(0.8)
    const hottest = Math.max(
      ...Array.from({ length: 600 }, (_, i) => run.truth.level('gpuTemperature', run.from + i * 1e8)),
    )
    const course = thermal!.temperatures.find(({ channel }) => channel.endsWith('/temperature'))!
    expect(Math.abs(course.max - hottest)).toBeLessThan(1)
  })

  test('has findings that name the throttle and the queue, and no contradiction', () => {
    const ids = run.document.findings.map(({ id }) => id)
    expect(ids.slice(0, 2)).toEqual(['thermal-throttle', 'queue-explains-tail'])
    expect(ids).not.toContain('energy-disagrees')
    expect(run.document.load_certificate.valid).toBe(true)
  })

  test('has checks from the counters to the wall that agree', () => {
    const { checks } = run.document.energy
    expect(checks!.length).toBeGreaterThan(5)
    expect(checks!.filter(({ agrees }) => agrees !== true)).toEqual([])
  })
})

test.each([1, 2, 3])('with another load and other phases of the sensors the intervals hold too (%i)', (seed) => {
  const run = new Judged(runOf({ ...h100, seed }, tool))
  const { power, energy } = run.document
  expect(distance(power.system_w!, run.joules('wall') / run.seconds)).toBeLessThan(1)
  expect(distance(power.cpu_w!, run.joules('package0', 'package1', 'dram0', 'dram1') / run.seconds)).toBeLessThan(1)
  const reported = (h100.gpu.sensor.gain * run.joules('gpu')) / run.seconds
  expect(Math.abs(power.gpu_w!.value! - reported)).toBeLessThan(power.gpu_w!.statistical!)
  expect(distance(energy.idle_w!, run.idle)).toBeLessThan(1)
  expect(energy.checks!.filter(({ agrees }) => agrees !== true)).toEqual([])
})

test('an H100’s GPU figure holds the truth: its gain is within what the sensor states', () => {
  expect(distance(document.power.gpu_w!, joules('gpu') / seconds)).toBeLessThan(1)
})

test('the hardware figures of the GPU are there, and right', () => {
  const figures = document.utilization!.devices![0]!.figures
  const busy = truth.between('gpuBusy', from, to) / seconds
  for (const [name, share] of [
    ['sm_utilization', h100.gpu.activity['sm-utilization']],
    ['sm_occupancy', h100.gpu.activity['sm-occupancy']],
    ['tensor', h100.gpu.activity['tensor']],
    ['dram_utilization', h100.gpu.activity['dram-utilization']],
  ] as const) {
    expect(distance(figures[name]!, share! * busy), name).toBeLessThan(1.5)
    expect(figures[name]!.unit).toBe('ratio')
  }
  expect(figures['pcie_tx_rate']!.value).toBeGreaterThan(5e8)
  const cores = truth.between('targetCpu', from, to) / seconds
  expect(distance(document.utilization!.cpu_cores!, cores)).toBeLessThan(1)
})

test('the share of the peak is what was computed, and below the activity of the tensor cores', () => {
  const { mfu, devices } = document.utilization!
  const perSecond = (runs.h100.inferences * document.target.model!.flops!) / seconds
  // The datasheet's dense FP16 figure, TFLOP/s.
  expect((mfu!.value! * 756e12) / perSecond).toBeCloseTo(1, 2)
  expect(mfu!.value).toBeLessThan(devices![0]!.figures['tensor']!.value!)
})

test('an A100 has no GPM: what is missing is told, with what to do', () => {
  const { document } = runs.a100
  expect(document.utilization!.devices![0]!.figures).not.toHaveProperty('tensor')
  expect(document.unmeasured).toContainEqual(
    expect.objectContaining({ what: 'gpu_activity', remedy: expect.stringContaining('dcgm') }),
  )
})

test('the chain from the wall to the process closes', () => {
  const { checks, attributed } = document.energy
  const toWall = checks!.find(({ kind, against }) => kind === 'within' && against[0]!.startsWith('shelly/'))!
  // What the supply truly lost, as well as the two sides know it.
  const lost = joules('wall') - joules('psys', 'gpu')
  const half = ({ low, high }: Figure): number => (high! - low!) / 2
  expect(Math.abs(toWall.residual_j! - lost)).toBeLessThan(half(toWall.joules) + half(toWall.against_joules))
  expect(new Set(attributed!.map(({ process }) => process))).toEqual(new Set(['target', 'tailwatt']))
  const gpu = attributed!.find(({ channels }) => channels[0]!.startsWith('nvml/'))!
  expect(gpu.share.value).toBeGreaterThan(0.9)
})

test('the sensors are characterised as they are', () => {
  const of = (id: string) => document.sensors!.find(({ channel }) => channel.endsWith(id))!
  expect(Math.abs(of('GPU-synthetic-h100/energy').period_ms! - h100.gpu.sensor.periodMs)).toBeLessThan(2)
  expect(of('GPU-synthetic-h100/power').window_ms).toBe(25)
  expect(Math.abs(of('synthetic-meter/power').poll_ms! - 1000)).toBeLessThan(10)
})
