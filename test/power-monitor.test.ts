// PowerMonitor on sensors of known power: joules lie in their intervals, windows add up, and what goes wrong is said.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { PowerMonitor, TailwattError, type Figure, type PowerMonitorOptions } from '../dist/index.js'

const known = pathToFileURL(join(import.meta.dirname, 'fixtures/sensors/known-power.mjs')).href
const running: PowerMonitor[] = []
afterEach(async () => {
  for (const monitor of running.splice(0)) await monitor.stop()
})

async function monitorOf(options: object, rest: PowerMonitorOptions = {}): Promise<PowerMonitor> {
  const sensors = [{ kind: known, options: { ...options } }]
  const monitor = await PowerMonitor.start({ hz: 50, sensors, ...rest })
  running.push(monitor)
  return monitor
}

/** A bound that is null is open: the readings could not bound that side. */
const holds = (figure: Figure | null, truth: number): boolean =>
  figure !== null &&
  (figure.low === null || figure.low <= truth * (1 + 1e-9)) &&
  (figure.high === null || figure.high >= truth * (1 - 1e-9))

/** Edges are interpolated between readings: a known power comes back to within a few thousandths. */
const near = (figure: Figure | null, truth: number): boolean =>
  holds(figure, truth) && Math.abs(figure!.value! / truth - 1) < 0.005

const code = async (work: () => unknown): Promise<string> => {
  try {
    await work()
    return 'nothing was thrown'
  } catch (error) {
    return error instanceof TailwattError
      ? `${error.code}: ${String(error.data['message'] ?? error.data['pid'])}`
      : String(error)
  }
}

test('a window gives joules, watts, grade and scopes of a known power', async () => {
  const monitor = await monitorOf({ watts: 50, gpuWatts: 100 })
  const span = monitor.begin('prefill')
  await sleep(400)
  const result = await span.end()
  const { duration_s: s } = result
  expect(result.name).toBe('prefill')
  expect(near(result.cpu_j, 50 * s)).toBe(true)
  expect(near(result.gpu_j, 100 * s)).toBe(true)
  expect(near(result.joules, 150 * s)).toBe(true)
  expect(near(result.watts, 150)).toBe(true)
  expect(result.joules).toMatchObject({ unit: 'J', grade: 'C', basis: 'gross' })
  expect(result.cpu_j).toMatchObject({ grade: 'B', scope: 'package' })
  expect(result.system_j).toBeNull()
  expect(result.unmeasured.map((row) => row.what)).toEqual(['system_w'])
  expect(result.below_resolution).toBe(false)
  expect(result.n).toBeGreaterThanOrEqual(10)
})

test('windows nest and overlap, and their parts add up to the whole', async () => {
  const monitor = await monitorOf({ watts: 90, low: 10, periodMs: 70 })
  const parent = monitor.begin('request')
  const parts: Figure[] = []
  for (const name of ['prefill', 'decode', 'rest']) {
    monitor.begin(name)
    await sleep(name === 'decode' ? 210 : 130)
    // The next part begins before this one has its result.
    void monitor.end(name).then(({ joules }) => parts.push(joules!))
  }
  const overlapping = monitor.begin('overlapping')
  const whole = await parent.end()
  await sleep(60)
  const late = await overlapping.end()
  expect(parts).toHaveLength(3)
  const sum = (key: 'low' | 'high' | 'value'): number => parts.reduce((total, part) => total + part[key]!, 0)
  // Between the end of one and the begin of the next lie a few microseconds, and each edge lies between two readings.
  expect(sum('value')).toBeGreaterThan(whole.joules!.value! * 0.98)
  expect(sum('value')).toBeLessThan(whole.joules!.value! * 1.02)
  expect(sum('low')).toBeLessThanOrEqual(whole.joules!.high!)
  expect(sum('high')).toBeGreaterThanOrEqual(whole.joules!.low!)
  expect(late.duration_s).toBeLessThan(whole.duration_s)
})

test('windows that tile another add up to it, to rounding', async () => {
  const { EnergyMeter } = await import('../dist/session/meter/energy-meter.js')
  const meter = await EnergyMeter.start({
    specs: [{ kind: known, options: { watts: 90, low: 10, periodMs: 70, gpuWatts: 40, counterMs: 30 } }],
    hz: 50,
  })
  try {
    await sleep(500)
    const parent = meter.open(meter.now())
    const cuts = [parent.from]
    const parts: number[] = []
    for (const ms of [130, 210, 90, 1400]) {
      const child = meter.open(cuts.at(-1)!)
      await sleep(ms)
      const to = meter.now()
      while (!meter.covers(to)) await sleep(20)
      parts.push(meter.energy(child, to).total!.value!)
      meter.close(child)
      cuts.push(to)
    }
    const whole = meter.energy(parent, cuts.at(-1)!).total!.value!
    expect(Math.abs(parts.reduce((sum, part) => sum + part, 0) / whole - 1)).toBeLessThan(1e-9)
  } finally {
    await meter.stop()
  }
})

test('a window that ends between two readings waits for the next one', async () => {
  const monitor = await monitorOf({ watts: 20 }, { hz: 4 })
  const span = monitor.begin('one')
  await sleep(600)
  const { joules, duration_s } = await span.end()
  expect(near(joules, 20 * duration_s)).toBe(true)
  expect(joules!.cautions).toBeUndefined()
})

test('a window too short for its sensor is flagged, never 0 J, and its interval holds the truth', async () => {
  const monitor = await monitorOf({ watts: 50, counterMs: 100 }, { hz: 100 })
  await sleep(150)
  for (let i = 0; i < 5; i++) {
    const span = monitor.begin('short')
    await sleep(20)
    const { joules, below_resolution, duration_s } = await span.end()
    expect(below_resolution).toBe(true)
    expect(joules!.value).not.toBe(0)
    expect(holds(joules, 50 * duration_s)).toBe(true)
    expect(joules!.cautions).toMatchObject([{ code: 'short-window' }])
  }
})

test('windows of one name end last begun first; each may end once', async () => {
  const monitor = await monitorOf({})
  const first = monitor.begin('same')
  await sleep(120)
  monitor.begin('same')
  const [inner, outer] = await Promise.all([monitor.end('same'), first.end()])
  expect(inner.duration_s).toBeLessThan(outer.duration_s)
  expect(await code(() => first.end())).toMatch(/^monitor-misuse: the window same cannot end: it was not begun, or has/)
  expect(await code(() => monitor.end('never'))).toMatch(/^monitor-misuse: the window never cannot end/)
})

test('a stopped monitor says so, and a window that ended before still gets its result', async () => {
  const monitor = await monitorOf({ watts: 50 })
  const open = monitor.begin('open')
  const ended = monitor.begin('ended')
  await sleep(150)
  const result = ended.end()
  await monitor.stop()
  await monitor.stop()
  expect((await result).joules!.value).toBeGreaterThan(0)
  expect(await code(() => open.end())).toMatch(/monitor-misuse: the window open cannot end: the monitor was stopped/)
  expect(await code(() => monitor.begin('new'))).toMatch(/monitor-misuse: the window new cannot begin/)
})

test('rates and processes that cannot be meant are refused', async () => {
  expect(await code(() => PowerMonitor.start({ hz: 0 }))).toMatch(/monitor-misuse: .* 0 times a second/)
  expect(await code(() => PowerMonitor.start({ hz: Number.NaN }))).toMatch(/monitor-misuse/)
  if (process.platform === 'linux')
    expect(await code(() => PowerMonitor.start({ pid: 2 ** 22 + 1 }))).toBe('process-not-found: 4194305')
})

test('a sensor that vanishes is named, and what it did not cover widens the interval', async () => {
  const monitor = await monitorOf({ watts: 50, endAfter: 15 })
  const span = monitor.begin('work')
  await sleep(600)
  const { joules, outages, duration_s } = await span.end()
  expect(outages).toMatchObject([{ sensor: known, to_s: null }])
  expect(outages[0]!.from_s).toBeGreaterThan(0)
  expect(outages[0]!.from_s).toBeLessThan(duration_s)
  expect(holds(joules, 50 * duration_s)).toBe(true)
  expect(joules!.cautions).toMatchObject([{ text: expect.stringMatching(/cover \d+ % of the window/) }])
  const after = monitor.begin('after')
  await sleep(100)
  const blind = await after.end()
  expect(blind.joules).toBeNull()
  expect(blind.watts).toBeNull()
  expect(blind.unmeasured.map((row) => row.what)).toEqual(['system_w', 'cpu_w', 'gpu_w'])
  expect(blind.outages).toHaveLength(1)
})

test('a sensor that falls silent for a while is told with its times', async () => {
  const monitor = await monitorOf({ watts: 50, silentFrom: 8, silentTo: 15 })
  const span = monitor.begin('work')
  await sleep(600)
  const { joules, outages, duration_s } = await span.end()
  expect(outages).toHaveLength(1)
  expect(outages[0]!.to_s).toBeGreaterThan(outages[0]!.from_s)
  expect(holds(joules, 50 * duration_s)).toBe(true)
})

test.each([
  ['throws', { throws: true }],
  ['gives garbage', { garbage: true }],
])('a sensor that %s leaves the window unmeasured with a reason', async (_, options) => {
  const monitor = await monitorOf(options)
  const span = monitor.begin('work')
  await sleep(100)
  const { joules, unmeasured } = await span.end()
  expect(joules).toBeNull()
  expect(unmeasured.every((row) => row.reason !== '' && row.remedy !== '')).toBe(true)
})

test('a sensor that holds up the sampler does not hold up the end of a window for long', async () => {
  const monitor = await monitorOf({ hangMs: 400 })
  const span = monitor.begin('work')
  await sleep(50)
  const { below_resolution, duration_s } = await span.end()
  expect(duration_s).toBeGreaterThan(0)
  expect(below_resolution).toBe(true)
})

test('a sensor that ends the thread ends the sampling, not the process: later windows say why, stopping works', async () => {
  const monitor = await monitorOf({ exitAfter: 20 })
  const span = monitor.begin('work')
  await sleep(700)
  const { joules, duration_s } = await span.end()
  expect(duration_s).toBeGreaterThan(0.6)
  // What was read before is used, and what was not widens the interval.
  if (joules) expect(holds(joules, 50 * duration_s)).toBe(true)
  const after = monitor.begin('after')
  await sleep(50)
  const { unmeasured } = await after.end()
  expect(unmeasured[0]!.reason).toMatch(/the sampler ended: a sensor ended its thread/)
  await monitor.stop()
})

test('without any sensor the monitor runs, and says what is missing', async () => {
  const monitor = await PowerMonitor.start({ sensors: [{ kind: 'no-such', options: {} }] })
  running.push(monitor)
  expect(monitor.latest()).toBeUndefined()
  const { joules, unmeasured } = await monitor.begin('work').end()
  expect(joules).toBeNull()
  expect(unmeasured).toHaveLength(3)
})

test('the default sensors give at least an estimate as a range, never as one number', async () => {
  if (process.platform !== 'linux') return
  const monitor = await PowerMonitor.start({ hz: 20 })
  running.push(monitor)
  const span = monitor.begin('work')
  const until = Date.now() + 400
  while (Date.now() < until);
  const { joules, process: own, duration_s } = await span.end()
  expect(joules).not.toBeNull()
  if (joules!.grade === 'D') expect(joules!.value).toBeNull()
  expect(joules!.high!).toBeGreaterThan(joules!.low!)
  expect(own.pid).toBe(process.pid)
  expect(own.cpu_s!.value).toBeGreaterThan(0)
  expect(own.cpu_s!.low!).toBeLessThan(duration_s * 64)
  expect(own.share!.high!).toBeLessThanOrEqual(1)
})

test('latest() is the power of the last second', async () => {
  const monitor = await monitorOf({ watts: 50, gpuWatts: 100 })
  await sleep(300)
  const latest = monitor.latest()!
  expect(latest.cpu_w!.value).toBeCloseTo(50, 0)
  expect(latest.gpu_w!.value).toBeCloseTo(100, 6)
  expect(holds(latest.total_w, 150)).toBe(true)
  expect(monitor.memoryBytes).toBeLessThan(2e6)
})

test('a window longer than what is kept has its begin still', async () => {
  const { EnergyMeter } = await import('../dist/session/meter/energy-meter.js')
  // At 1000 Hz the thousand readings that a curve keeps last a second; beside it go many channels that only take room.
  const many = pathToFileURL(join(import.meta.dirname, 'fixtures/sensors/many-channels.mjs')).href
  const meter = await EnergyMeter.start({ specs: [{ kind: many, options: { channels: 20, watts: 30 } }], hz: 1000 })
  try {
    await sleep(200)
    const from = meter.now()
    const span = meter.open(from)
    await sleep(3500)
    const to = meter.newest
    const { total } = meter.energy(span, to)
    expect(meter.between(from, to).total).toBeNull()
    expect(near(total, (30 * (to - from)) / 1e9)).toBe(true)
  } finally {
    await meter.stop()
  }
})

test('a monitor that was not stopped does not keep the process alive; ending and stopping do', () => {
  const script = `
    const { PowerMonitor } = await import(${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)})
    const monitor = await PowerMonitor.start({ sensors: [{ kind: ${JSON.stringify(known)}, options: {} }] })
    const { joules } = await monitor.begin('x').end()
    if (process.argv[1] === 'stop') await monitor.stop()
    console.log(joules.unit)`
  for (const last of ['leave', 'stop']) {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script, last], {
      encoding: 'utf8',
      timeout: 60_000,
    })
    expect({ status, stdout: stdout.trim(), stderr }).toEqual({ status: 0, stdout: 'J', stderr: '' })
  }
})
