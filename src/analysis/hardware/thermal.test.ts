import { expect, test } from 'vitest'
import type { Channel } from '../../run/channel.ts'
import type { RunDocument } from '../../run/document.ts'
import type { Manifest } from '../../run/manifest.ts'
import type { Measured } from '../../run/source.ts'
import { noRows, allocateSamples } from '../../run/table.ts'
import type { FindingInput } from '../findings/finding.ts'
import { throttleMask } from '../../sensors/drm/throttle.ts'
import { clockEventReasons } from '../../sensors/nvml/throttle.ts'
import { thermalThrottle } from '../findings/thermal-throttle.ts'
import { analyseThermal } from './thermal.ts'

const channel = (id: string, rest: Partial<Channel>): Channel => ({
  id: `nvml/a/${id}`,
  sensor: 'nvml',
  scope: 'gpu',
  device: 'a',
  quantity: 'temperature',
  unit: 'degC',
  kind: 'gauge',
  ...rest,
})
const temperature = channel('temperature', {})
const mask = channel('throttle', { quantity: 'throttle', unit: '1', throttle: clockEventReasons })
const heat = [{ reason: 'thermal' }] as const
const counter = channel('throttle-thermal', { quantity: 'time', unit: 's', kind: 'counter', throttle: heat })

/** Ten readings a second for ten seconds. */
function measured(channels: readonly Channel[], value: (channel: number, s: number) => number): Measured {
  const chunk = allocateSamples(101 * channels.length)
  let at = 0
  for (let i = 0; i <= 100; i++) {
    channels.forEach((_, c) => {
      chunk.channel[at] = c
      chunk.t[at] = i * 1e8
      chunk.value[at++] = value(c, i / 10)
    })
  }
  return { manifest: { channels } as unknown as Manifest, ...noRows(), samples: [chunk], events: [] }
}

/** A request each 50 ms. */
function service(ms: (s: number) => number) {
  const at = Float64Array.from({ length: 199 }, (_, i) => (i + 1) * 5e7)
  return { ns: at.map((t) => ms(t / 1e9) * 1e6), at, request: at, stream: new Uint16Array(at.length) }
}
const window = { from: 0, to: 10e9 }
const hotFrom6 = (s: number): number => Math.max(0, s - 6)
const findingOf = (thermal: ReturnType<typeof analyseThermal>) =>
  thermalThrottle.find({ document: { thermal } as unknown as RunDocument } as unknown as FindingInput)

test('time in a throttle reason comes from its counter, and slow seconds that coincide are told as a coincidence', () => {
  const run = measured([temperature, counter], (c, s) => (c === 0 ? 60 + 3 * s : hotFrom6(s)))
  const thermal = analyseThermal(
    run,
    window,
    service((s) => (s > 6 ? 15 : 10) + Math.sin(s * 9) / 10),
  )!
  expect(thermal.temperatures).toEqual([
    { channel: 'nvml/a/temperature', unit: 'degC', start: 60, max: 90, min: 60, end: 90 },
  ])
  expect(thermal.throttled).toHaveLength(1)
  expect(thermal.throttled[0]).toMatchObject({ reason: 'thermal', thermal: true })
  expect(thermal.throttled[0]!.share!.value).toBeCloseTo(0.4, 6)
  expect(thermal.coincidence).toMatchObject({ throttled_s: 4, free_s: 6 })
  expect(thermal.coincidence!.change!.value).toBeCloseTo(0.5, 1)
  expect(thermal.coincidence!.excess_share).toBeGreaterThan(0.9)
  const finding = findingOf(thermal)!
  expect(finding.severity).toBe('warn')
  expect(finding.title).toMatch(/coincides/)
  expect(finding.title).not.toMatch(/caus/)
})

test('where a counter tells, the mask makes no second throttled', () => {
  const run = measured([counter, mask, temperature], (c, s) => [0, s > 6 ? 0x4 : 0, 50][c]!)
  const thermal = analyseThermal(
    run,
    window,
    service(() => 10),
  )
  expect(thermal!.throttled).toEqual([])
  expect(thermal!.coincidence).toBeNull()
})

test('the mask is the fallback: its settings are no throttling, its reasons are shares of the readings', () => {
  const idleBit = analyseThermal(
    measured([mask], () => 0x1),
    window,
    service(() => 10),
  )
  expect(idleBit).toBeNull()
  // A replayed mask has the bits it was recorded with.
  const replayed = analyseThermal(
    measured([{ ...mask, sensor: 'replay' }], () => 0x1),
    window,
    service(() => 10),
  )
  expect(replayed).toBeNull()
  const capped = analyseThermal(
    measured([mask], (_, s) => (s > 5 ? 0x4 : 0)),
    window,
    service(() => 10),
  )!
  expect(capped.throttled).toEqual([expect.objectContaining({ reason: 'power-cap', thermal: false })])
  expect(capped.throttled[0]!.share!.value).toBeCloseTo(0.5, 1)
  // Equal service times: nothing is said to be slower.
  expect(findingOf(capped)).toMatchObject({ severity: 'info' })
  const both = analyseThermal(
    measured([mask, counter], (c, s) => (c === 0 ? 0x20 : hotFrom6(s))),
    window,
    service(() => 10),
  )!
  expect(both.throttled).toHaveLength(1)
})

test('a mask means what its channel says, and without a word that something throttles', () => {
  const reasonsOf = (throttle: Pick<Channel, 'throttle'>) =>
    analyseThermal(
      measured([channel('x', { quantity: 'throttle', unit: '1', ...throttle })], (_, s) => (s > 5 ? 0x5 : 0)),
      window,
      service(() => 10),
    )!.throttled.map(({ reason, thermal }) => [reason, thermal])
  expect(reasonsOf({ throttle: throttleMask })).toEqual([
    ['power-cap', false],
    ['thermal', true],
  ])
  expect(reasonsOf({})).toEqual([['throttle', true]])
})

test('no throttling is no finding, and a quota is not heat', () => {
  const quota = channel('throttled', {
    role: 'quota-throttled',
    subject: 'cgroup',
    scope: 'cgroup',
    quantity: 'count',
    unit: '1',
    kind: 'counter',
  })
  const thermal = analyseThermal(
    measured([temperature, counter, quota], (c, s) => [50, 0, s * 10][c]!),
    window,
    service(() => 10),
  )
  expect(thermal!.throttled).toEqual([])
  expect(findingOf(thermal)).toBeUndefined()
  expect(findingOf(null)).toBeUndefined()
})

const cpu = (id: string, rest: Partial<Channel>): Channel =>
  channel(id, { id: `cpufreq/package-0/${id}`, sensor: 'cpufreq', scope: 'package', device: 'package-0', ...rest })
const hot = { kind: 'counter', throttle: [{ reason: 'thermal-package' }] } as const
const packageTime = cpu('throttle-thermal-package', { ...hot, quantity: 'time', unit: 's' })
const packageCount = cpu('throttle-thermal-package-count', { ...hot, quantity: 'count', unit: '1' })

test('a processor’s throttling is told by its time, which the driver adds whole when it ends', () => {
  // Held back from 2.05 s to 5.05 s; slow in those seconds and in no other.
  const run = measured([packageTime, packageCount], (c, s) => (c === 0 ? (s > 5.05 ? 3 : 0) : s > 2.05 ? 1 : 0))
  const thermal = analyseThermal(
    run,
    window,
    service((s) => (s > 2 && s < 5 ? 16 : 10) + Math.sin(s * 9) / 10),
  )!
  expect(thermal.throttled).toEqual([
    expect.objectContaining({ device: 'package-0', reason: 'thermal-package', thermal: true, times: null }),
  ])
  expect(thermal.throttled[0]!.share!.value).toBeCloseTo(0.3, 6)
  expect(thermal.coincidence).toMatchObject({ throttled_s: 3, free_s: 7 })
  expect(thermal.coincidence!.excess_share).toBeGreaterThan(0.9)
  expect(findingOf(thermal)!.severity).toBe('warn')
})

test('a throttling that has not ended is told by its occurrence; one that began before the window counts within it', () => {
  const begun = analyseThermal(
    measured([packageTime, packageCount], (c, s) => (c === 1 && s > 5 ? 1 : 0)),
    window,
    service(() => 10),
  )!
  expect(begun.throttled).toEqual([expect.objectContaining({ reason: 'thermal-package', share: null, times: 1 })])
  const before = analyseThermal(
    measured([packageTime], (_, s) => (s > 6 ? 5 : 0)),
    { from: 4e9, to: 8e9 },
    service(() => 10),
  )!
  // 5 s that ended at 6.1 s: 2.1 s of them lie in the window of 4 s.
  expect(before.throttled[0]!.share!.value).toBeCloseTo(2.1 / 4, 6)
})

test('temperatures and clocks of the processor stand beside those of the GPUs', () => {
  const run = measured(
    [
      cpu('temperature', { id: 'hwmon/package-0/temperature', sensor: 'hwmon' }),
      cpu('clock', { quantity: 'clock', unit: 'MHz' }),
      temperature,
    ],
    (c, s) => [60 + s, 3000 - 50 * s, 70][c]!,
  )
  const thermal = analyseThermal(
    run,
    window,
    service(() => 10),
  )!
  expect(thermal.temperatures.map(({ channel: id, max }) => [id, max])).toEqual([
    ['hwmon/package-0/temperature', 70],
    ['nvml/a/temperature', 70],
  ])
  expect(thermal.clocks).toEqual([
    { channel: 'cpufreq/package-0/clock', unit: 'MHz', start: 3000, max: 3000, min: 2500, end: 2500 },
  ])
})
