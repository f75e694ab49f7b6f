// A run with a meter at the wall, end to end: a server on loopback of known power gives grade A figures, its absence is
// said before the load starts, and what was recorded replays to the same joules.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { channelSeries } from '../dist/analysis/channels/channel-series.js'
import { analyseEnergy } from '../dist/analysis/energy/energy.js'
import { http, openRun, parseSensors, profile, type RunDocument } from '../dist/index.js'
import { devices, startMeter, type Meter } from './fixtures/meter-server.ts'

const main = join(import.meta.dirname, '../dist/cli/main.js')
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-wall-'))
const watts = 187.5
let meter: Meter
let target: Meter
beforeAll(async () => {
  meter = await startMeter({ routes: devices.plug, watts, password: 'correct horse' })
  target = await startMeter({ routes: { '/infer': () => ({ answer: 42 }) } })
})
afterAll(async () => {
  await Promise.all([meter.close(), target.close()])
  rmSync(scratch, { recursive: true, force: true })
})

interface Finished {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

// Not spawnSync: the servers answer from this process.
function tailwatt(args: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: scratch,
      env: { ...process.env, NO_COLOR: '1', ...env },
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()))
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
    child.on('close', (status) => resolve({ status, stdout, stderr }))
  })
}

const run = (out: string, sensors: string, more: readonly string[] = [], env: Record<string, string> = {}) =>
  tailwatt(
    [
      'run',
      `http://${target.address}/infer`,
      '--rate',
      '50/s',
      '--cold',
      '1',
      '--json',
      '--out',
      out,
      '--sensors',
      sensors,
      ...more,
    ],
    env,
  )
const withPassword = { TAILWATT_SHELLY_PASSWORD: 'correct horse' }

test('power of the system is that of the meter within 2 %, grade A, no wider than 5 %; the password is in no file', async () => {
  const result = await run('wall', `+shelly:${meter.address}`, ['--for', '20s'], withPassword)
  expect(result.status, result.stderr).toBe(0)
  const document = JSON.parse(result.stdout) as RunDocument
  const power = document.power.system_w!
  expect(power).toMatchObject({ grade: 'A', scope: 'wall' })
  expect(Math.abs(power.value! / watts - 1)).toBeLessThan(0.02)
  expect((power.high! - power.low!) / watts).toBeLessThan(0.05)
  expect(power.low!).toBeLessThanOrEqual(watts)
  expect(power.high!).toBeGreaterThanOrEqual(watts)
  expect(document.energy.total_j).toMatchObject({ grade: 'A', scope: 'wall' })
  expect(document.energy.per_inference_j!.value!).toBeCloseTo(watts / 50, 0)
  expect(document.unmeasured.map(({ what }) => what)).not.toContain('system_w')
  const [name] = readdirSync(join(scratch, 'wall'))
  for (const file of readdirSync(join(scratch, 'wall', name!)))
    expect(readFileSync(join(scratch, 'wall', name!, file)).includes('correct horse'), file).toBe(false)
})

test('what was recorded replays to the same joules over the same window, and says that it is replayed', async () => {
  const recorded = await openRun('latest', { out: join(scratch, 'wall') })
  const { stdout } = await tailwatt(['show', 'latest', '--out', 'wall', '--readings'])
  writeFileSync(join(scratch, 'readings.ndjson'), stdout)
  const result = await run('replayed', 'replay:readings.ndjson', ['--for', '6s'])
  expect(result.status, result.stderr).toBe(0)
  expect(result.stderr).not.toContain('tailwatt:')
  const replayed = await openRun('latest', { out: join(scratch, 'replayed') })
  const energy = async (opened: typeof recorded, from: number): Promise<number> => {
    const window = { from, to: from + 4e9, inferences: 1, flopsPerInference: null }
    const measured = await opened.measured()
    const { events, manifest } = measured
    const readings = { series: channelSeries(measured), events, unmeasured: manifest.unmeasured }
    return analyseEnergy(readings, window).energy.total_j!.value!
  }
  const from = (opened: typeof recorded): number => opened.document.recordings[0]!.from
  expect(await energy(replayed, from(replayed))).toBeCloseTo(await energy(recorded, from(recorded)), 1)
  expect(replayed.document.power.system_w!.cautions).toMatchObject([{ code: 'replayed' }])
  expect(replayed.document.channels.every(({ sensor }) => sensor === 'replay')).toBe(true)
})

test('a meter that was asked for and cannot be read: said before the load starts, and in the run, which goes on', async () => {
  const result = await run('absent', `none,+shelly:${meter.address}`, ['--requests', '20'], {
    TAILWATT_SHELLY_PASSWORD: '',
  })
  expect(result.status, result.stderr).toBe(0)
  const document = JSON.parse(result.stdout) as RunDocument
  expect(document.power.system_w).toBeNull()
  expect(document.unmeasured.find(({ what }) => what === 'system_w')).toMatchObject({
    reason: expect.stringContaining('asks for a password') as unknown,
    remedy: expect.stringContaining('TAILWATT_SHELLY_PASSWORD') as unknown,
  })
  expect(result.stderr).toMatch(/^tailwatt: the sensor shelly is not read: .*asks for a password/m)
})

test('the library warns of it before the load starts', async () => {
  const told: string[] = []
  await profile({
    target: http(`http://${target.address}/infer`),
    requests: 20,
    cold: 1,
    out: join(scratch, 'library'),
    sensors: await parseSensors('shelly:127.0.0.1:1'),
    onWarning: (warning) => told.push(warning),
    onProgress: ({ stage }) => told.push(stage),
  })
  expect(told.filter((text) => text.includes('nothing listens at 127.0.0.1:1'))).toHaveLength(1)
  const warned = told.findIndex((text) => text.includes('shelly'))
  expect(told.slice(0, warned)).not.toContain('load')
})

test('a recording that is cut off is one sentence, and the run goes on', async () => {
  const whole = readFileSync(join(scratch, 'readings.ndjson'), 'utf8')
  writeFileSync(join(scratch, 'cut.ndjson'), whole.slice(0, -3))
  const result = await run('cut', 'replay:cut.ndjson', ['--requests', '20'])
  expect(result.status).toBe(0)
  expect(result.stderr).toMatch(
    /tailwatt: the sensor replay is not read: cut\.ndjson: the recording is cut off in line \d+; /,
  )
})

test('an unknown sensor ends with 2 and the list; the environment names sensors as the flag does', async () => {
  const unknown = await run('none', 'telepathy')
  expect(unknown.status).toBe(2)
  expect(unknown.stdout).toBe('')
  expect(unknown.stderr).toMatch(/there is no sensor telepathy; there are rapl, nvml, .*shelly/)
  const secret = await run('none', 'shelly:me:s3cret@10.0.0.1')
  expect(secret.status).toBe(2)
  expect(secret.stderr).not.toContain('s3cret')
  const doctor = await tailwatt(['doctor', '--json'], { TAILWATT_SENSORS: `+shelly:${meter.address}`, ...withPassword })
  const rows = JSON.parse(doctor.stdout) as { id: string; ok: boolean; reason: string; remedy: string | null }[]
  expect(rows.find(({ id }) => id === 'shelly')).toMatchObject({ ok: true, reason: `Switch at ${meter.address}` })
  expect(rows.find(({ id }) => id === 'tasmota')).toMatchObject({ ok: false, remedy: '--sensors +tasmota:ADDRESS' })
  expect(rows.filter(({ id }) => id === 'shelly')).toHaveLength(1)
  const wrong = await tailwatt(['doctor', '--json'], { TAILWATT_SENSORS: 'telepathy' })
  expect(wrong.stdout).toContain('there is no sensor telepathy')
})
