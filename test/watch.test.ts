// `tailwatt watch` and `watch()` on this machine and on sensors of known power: ticks, ends, and what goes wrong.
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { watch, type WatchOptions, type WatchTick } from '../dist/index.js'
import { needs } from './requirement.ts'

const main = join(import.meta.dirname, '../dist/cli/main.js')
const known = pathToFileURL(join(import.meta.dirname, 'fixtures/sensors/known-power.mjs')).href
const onLinux = needs('linux', process.platform === 'linux', 'there is no /proc here')
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

interface Result {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Ends `tailwatt watch …` with `signal` once it has printed so many lines. */
function tailwatt(args: readonly string[], signalAfter = Number.POSITIVE_INFINITY): Promise<Result> {
  const child = spawn(process.execPath, [main, 'watch', ...args], { env: { ...process.env, NO_COLOR: '1' } })
  children.push(child)
  let stdout = ''
  let stderr = ''
  let signalled = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    if (signalled || stdout.split('\n').length <= signalAfter) return
    signalled = true
    child.kill('SIGINT')
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })))
}

async function ticksOf(options: WatchOptions): Promise<WatchTick[]> {
  const ticks: WatchTick[] = []
  for await (const tick of watch(options)) ticks.push(tick)
  return ticks
}

const knownSensors = (options: object): WatchOptions['sensors'] => [
  { kind: known, options: { ...options } },
  { kind: 'procfs', options: {} },
]

// A sampler that is kept from its CPU has too few readings in a tick: such a watch is made again.
onLinux(
  'ticks tell the known power of each device with its grade, and add up to the energy so far',
  { retry: 3 },
  async () => {
    const ticks = await ticksOf({ for: '2s', hz: 4, sensors: knownSensors({ watts: 50, gpuWatts: 100 })! })
    expect(ticks.length).toBeGreaterThanOrEqual(5)
    const last = ticks.at(-1)!
    // Edges are interpolated between readings: a known power comes back to within a hundredth, and within its interval.
    const near = (figure: { value: number | null; low: number | null; high: number | null }, truth: number): boolean =>
      Math.abs(figure.value! / truth - 1) < 0.01 && figure.low! <= truth && figure.high! >= truth
    expect(near(last.cpu.power_w!, 50)).toBe(true)
    expect(last.cpu.power_w!.grade).toBe('B')
    // Two or three readings a tick: what lies between them is not known, and the interval says so.
    expect(last.cpu.power_w!.high! / last.cpu.power_w!.low!).toBeLessThan(3)
    expect(last.gpus).toHaveLength(1)
    expect(near(last.gpus[0]!.power_w!, 100)).toBe(true)
    expect(near(last.power_w!, 150)).toBe(true)
    expect(near(last.so_far.joules!, 150 * last.so_far.s)).toBe(true)
    expect(near(last.so_far.mean_w!, 150)).toBe(true)
    expect(last.cpu.busy).toBeGreaterThanOrEqual(0)
    // What the kernel's accounting lacks here (`procfs/…`) differs from host to host.
    const missing = ticks[0]!.unmeasured!.map((row) => row.what).filter((what) => !what.includes('/'))
    expect(missing).toEqual(['system_w', 'cpu_clock', 'cpu_temperature'])
    expect(ticks.slice(1).every((tick) => tick.unmeasured === undefined)).toBe(true)
  },
)

onLinux('a process that works is seen working, and the ticks end with it', async () => {
  const child = spawn(process.execPath, ['-e', 'const end = Date.now() + 2500; while (Date.now() < end);'])
  const ticks = await ticksOf({ pid: child.pid!, for: '60s' })
  const { process: running } = ticks[2]!
  expect(running).toMatchObject({ pid: child.pid, name: 'node', state: 'running' })
  expect(running!.cpus).toBeGreaterThan(0)
  expect(running!.share).toBeGreaterThan(0)
  expect(running!.share).toBeLessThanOrEqual(1)
  expect(running!.memory_bytes).toBeGreaterThan(1e6)
  expect(ticks.at(-1)!.process).toMatchObject({ state: 'ended', cpus: null, memory_bytes: null })
  expect(ticks.at(-1)!.t_s).toBeLessThan(50)
})

onLinux('a sensor that vanishes is named in the ticks from then on', async () => {
  const ticks = await ticksOf({ for: '2s', hz: 4, sensors: knownSensors({ endAfter: 16 })! })
  const last = ticks.at(-1)!
  expect(last.outages).toMatchObject([{ sensor: known }])
  expect(last.cpu.power_w).toBeNull()
  expect(last.cpu.busy).not.toBeNull()
})

onLinux('without a power sensor: CPU busy, and an estimate as a range', async () => {
  const ticks = await ticksOf({
    for: '1500ms',
    sensors: [
      { kind: 'procfs', options: {} },
      { kind: 'model', options: {} },
    ],
  })
  const last = ticks.at(-1)!
  expect(last.cpu.busy).not.toBeNull()
  expect(last.cpu.power_w).toMatchObject({ value: null, grade: 'D' })
  expect(last.so_far.joules!.value).toBeNull()
  expect(last.so_far.joules!.high).toBeGreaterThan(last.so_far.joules!.low!)
})

test('an abort ends the ticks without an error', async () => {
  const abort = new AbortController()
  const ticks: WatchTick[] = []
  for await (const tick of watch({ signal: abort.signal, sensors: [] })) {
    ticks.push(tick)
    abort.abort()
  }
  expect(ticks).toHaveLength(1)
  expect(ticks[0]!.power_w).toBeNull()
})

onLinux('--json is one object a line with the documented keys', async () => {
  const { status, stdout, stderr } = await tailwatt(['--json', '--for', '2s', '--pid', String(process.pid)])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const ticks = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as WatchTick)
  expect(ticks.length).toBeGreaterThanOrEqual(3)
  const keys = ['at', 't_s', 'window_s', 'power_w', 'cpu', 'gpus', 'system', 'process', 'so_far', 'outages']
  expect(Object.keys(ticks[0]!)).toEqual([...keys, 'unmeasured'])
  expect(Object.keys(ticks[1]!)).toEqual(keys)
  expect(Object.keys(ticks[1]!.cpu)).toEqual(['cpus', 'busy', 'steal', 'clock_mhz', 'temperature_c', 'power_w'])
  expect(Object.keys(ticks[1]!.process!)).toEqual(['pid', 'name', 'state', 'cpus', 'share', 'memory_bytes'])
})

onLinux('where there is no terminal a line a tick, and Ctrl-C ends with a summary and exit 0', async () => {
  const { status, stdout, stderr } = await tailwatt([], 3)
  expect(status).toBe(0)
  expect(stdout).not.toContain('\u001b')
  expect(stdout.split('\n')[0]).toMatch(/^\d+\.\d s · CPU/)
  expect(stdout).toMatch(/watched for \d+\.\d s\nCPU busy .* in the mean, .* at most\n/)
  expect(stderr).toMatch(/missing .*\n.*`tailwatt doctor`/)
})

onLinux('a process that ends is said to have ended, with exit 0', async () => {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 2000)'])
  const { status, stdout, stderr } = await tailwatt(['--pid', String(child.pid)])
  expect(status).toBe(0)
  expect(stderr).toContain(`the process ${child.pid} (node) has ended`)
  expect(stdout).toContain('watched for')
})

test.each([
  [['--pid', '4194305'], 'there is no process 4194305.'],
  [['--pid', '0'], "option '--pid <n>' argument '0' is invalid"],
  [['--hz', '50'], "option '--hz <n>' argument '50' is invalid: it needs a number from 0.1 to 5"],
  [['--for', '10'], "option '--for <time>' argument '10' is invalid: it needs a duration with its unit"],
])('%j is refused with a sentence and exit 2', async (args, sentence) => {
  const { status, stdout, stderr } = await tailwatt(args)
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toContain(sentence)
})
