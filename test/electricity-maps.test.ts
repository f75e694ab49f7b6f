// Electricity Maps against a server on loopback that answers as it does, and in every wrong way; then whole runs with a region
// `em:DE`: live readings go into the grams, without them the country's average stands in, and the key is nowhere.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Host } from '../dist/host/host.js'
import { realHost } from '../dist/host/real-host.js'
import { openRun, type RunDocument } from '../dist/index.js'
import { electricityMaps } from '../dist/sensors/electricity-maps/electricity-maps.js'
import { sensorOf } from './fixtures/opened-sensor.ts'
import type { StreamingSensor } from '../dist/sensors/sensor.js'
import { devices, startMeter, type Meter } from './fixtures/meter-server.ts'

const key = 'k3y-of-the-user_0123456789'
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-em-'))
const main = join(import.meta.dirname, '../dist/cli/main.js')

interface Request {
  readonly path: string
  readonly query: URLSearchParams
  readonly token: string | undefined
}
type Answer = (request: Request, response: ServerResponse) => unknown
const requests: Request[] = []
/** As portal.electricitymaps.com/docs shows an answer. */
const good = (intensity: number) => (request: Request) => ({
  zone: request.query.get('zone'),
  carbonIntensity: intensity,
  datetime: '2026-11-27T07:00:00.000Z',
  updatedAt: '2026-11-27T06:41:27.404Z',
  createdAt: '2026-11-24T07:10:11.202Z',
  emissionFactorType: 'lifecycle',
  isEstimated: true,
  estimationMethod: 'TIME_SLICER_AVERAGE',
})
const status = (code: number, body: unknown) => (_: Request, response: ServerResponse) => {
  response.statusCode = code
  return body
}
let answer: Answer = good(302)
let address = ''
let meter: Meter
let target: Meter

const server = createServer((incoming, response) => {
  const url = new URL(incoming.url!, 'http://localhost')
  const token = incoming.headers['auth-token']
  const request = { path: url.pathname, query: url.searchParams, token: typeof token === 'string' ? token : undefined }
  requests.push(request)
  const body =
    token === key ? answer(request, response) : status(401, { error: 'Invalid auth-token' })(request, response)
  if (body !== undefined) response.end(typeof body === 'string' ? body : JSON.stringify(body))
})

beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  meter = await startMeter({ routes: devices.plug, watts: 180 })
  target = await startMeter({ routes: { '/infer': () => ({ answer: 42 }) } })
})
beforeEach(() => {
  answer = good(302)
  requests.length = 0
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await Promise.all([meter.close(), target.close()])
  rmSync(scratch, { recursive: true, force: true })
})

const hostWith = (env: Record<string, string>): Host => ({ ...realHost(), env: (name) => env[name] })
const hostWithKey = (more: Record<string, string> = {}): Host =>
  hostWith({ TAILWATT_ELECTRICITY_MAPS_TOKEN: key, TAILWATT_ELECTRICITY_MAPS_URL: address, ...more })

async function whyNot(host: Host, zone: string | undefined = 'DE'): Promise<string> {
  const opened = await electricityMaps.open(host, zone === undefined ? {} : { argument: zone })
  if (!opened.ok) return `${opened.reason} -> ${opened.remedy}`
  await opened.sensor.close()
  return 'it works'
}

test('it asks for the zone, by key in a header, for lifecycle figures, and never for where the caller is', async () => {
  expect(await electricityMaps.open(hostWithKey(), { argument: 'DE' })).toMatchObject({
    ok: true,
    note: 'DE: 302 g/kWh',
  })
  expect(requests).toHaveLength(1)
  const [{ path, query, token }] = requests as [Request]
  expect(path).toBe('/v3/carbon-intensity/latest')
  expect(Object.fromEntries(query)).toEqual({
    zone: 'DE',
    emissionFactorType: 'lifecycle',
    shouldUseFallbackCallerLookup: 'false',
  })
  expect(token).toBe(key)
})

test('a key may come from a file; the address of a plan may have a path', async () => {
  const file = join(scratch, 'key')
  writeFileSync(file, `${key}\n`)
  const host = hostWith({
    TAILWATT_ELECTRICITY_MAPS_TOKEN_FILE: file,
    TAILWATT_ELECTRICITY_MAPS_URL: `${address}/my-plan/`,
  })
  expect(await whyNot(host)).toBe('it works')
  expect(requests[0]!.path).toBe('/my-plan/v3/carbon-intensity/latest')
})

test('without a key, with one that is none, or an address that would show it, nothing is asked', async () => {
  expect(await whyNot(hostWith({}))).toBe(
    'no key of Electricity Maps is set -> set TAILWATT_ELECTRICITY_MAPS_TOKEN, or TAILWATT_ELECTRICITY_MAPS_TOKEN_FILE to a file with it',
  )
  expect(await whyNot(hostWithKey({ TAILWATT_ELECTRICITY_MAPS_TOKEN: 'a\r\nhost: b' }))).toMatch(
    /^what is set is no key/,
  )
  expect(await whyNot(hostWithKey(), undefined)).toMatch(/^it works|^no zone is named -> --region em:DE/)
  for (const url of ['http://example.com', 'ftp://127.0.0.1', 'nonsense', 'https://user:pass@example.com'])
    expect(await whyNot(hostWithKey({ TAILWATT_ELECTRICITY_MAPS_URL: url })), url).toMatch(/is no https address/)
  expect(requests.filter(({ query }) => query.get('zone') !== 'DE')).toEqual([])
})

test.each<readonly [string, Answer, RegExp]>([
  ['a key of another zone', status(403, { error: 'Forbidden' }), /key is not for the zone DE \(HTTP 403\)/],
  ['a zone there is none of', status(404, { error: 'Zone not found' }), /has no zone DE \(HTTP 404\)/],
  ['too many calls', status(429, { message: 'Too Many Requests' }), /asked too often for the plan \(HTTP 429\)/],
  ['an outage', status(503, 'unavailable'), /answers HTTP 503/],
  [
    'the caller’s own zone',
    () => ({ ...good(44)({ query: new URLSearchParams('zone=FR') } as Request) }),
    /answers for FR instead of DE/,
  ],
  ['no zone at all', () => ({ carbonIntensity: 44 }), /answers for another zone instead of DE/],
  ['a direct figure', (request) => ({ ...good(44)(request), emissionFactorType: 'direct' }), /is not a lifecycle one/],
  ['no figure', (request) => ({ ...good(44)(request), carbonIntensity: null }), /has no carbon intensity of DE now/],
  ['a figure as text', (request) => ({ ...good(44)(request), carbonIntensity: '302' }), /has no carbon intensity/],
  ['a negative figure', good(-5), /-5 g\/kWh is no carbon intensity/],
  ['a figure without its decimal point', good(302_000), /302000 g\/kWh is no carbon intensity/],
  ['HTML', () => '<!doctype html><title>login</title>', /HTML instead of JSON/],
  ['half an answer', () => '{"zone":"DE","carbonInt', /cut off or damaged/],
  ['nothing', () => '', /answers with nothing/],
  ['a list', () => [1, 2], /JSON that is no object/],
  ['silence', () => undefined, /no answer from 127\.0\.0\.1:\d+ within 1\.5 s/],
])('%s is a reason, never a reading, and does not tell the key', async (_, wrong, reason) => {
  answer = wrong
  const told = await whyNot(hostWithKey())
  expect(told).toMatch(reason)
  expect(told).not.toContain(key)
})

test('a wrong key is said, and not repeated', async () => {
  const told = await whyNot(hostWithKey({ TAILWATT_ELECTRICITY_MAPS_TOKEN: 'wrong-but-secret' }))
  expect(told).toMatch(/refuses the key \(HTTP 401\) -> set TAILWATT_ELECTRICITY_MAPS_TOKEN/)
  expect(told).not.toContain('wrong-but-secret')
})

test('what it streams are intensities with whether they are estimates; a failure in between is told and outlived', async () => {
  const clock = (): number => Number(process.hrtime.bigint())
  const sensor = sensorOf(await electricityMaps.open(hostWithKey(), { argument: 'DE', clock })) as StreamingSensor
  expect(sensor.channels.map(({ id, unit, device }) => `${id} ${unit} ${device}`)).toEqual([
    'electricity-maps/DE/intensity g/kWh DE',
    'electricity-maps/DE/estimated 1 DE',
  ])
  const seen: (readonly [number, number])[] = []
  const failures: string[] = []
  await sensor.start({
    put: (channel, _, value) => seen.push([channel, value]),
    within: () => undefined,
    failed: (reason) => failures.push(reason),
    lost: (reason) => failures.push(`lost: ${reason}`),
  })
  await sleep(200)
  answer = status(429, {})
  await sensor.close()
  expect(seen).toEqual([
    [0, 302],
    [1, 1],
  ])
  expect(failures).toEqual([expect.stringMatching(/429/)])
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
    child.on('close', (code) => resolve({ status: code, stdout, stderr }))
  })
}

const measure = (out: string, more: readonly string[], env: Record<string, string>) =>
  tailwatt(
    [
      'run',
      `http://${target.address}/infer`,
      ...'--rate 50/s --for 3s --cold 1 --idle 0 --json --region em:DE'.split(' '),
      ...['--out', out, '--sensors', `shelly:${meter.address}`].concat(more),
    ],
    { TAILWATT_ELECTRICITY_MAPS_URL: address, ...env },
  )

const everything = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('')

test('a run takes the live intensity into its grams, cost and SCI; the key is in no output and no file', async () => {
  const more = ['--tariff', '0.30EUR/kWh', '--embodied', '1200kg/4y', '--sla', 'cost_per_inference<1EUR']
  const result = await measure('live', more, { TAILWATT_ELECTRICITY_MAPS_TOKEN: key })
  expect(result.status, result.stderr).toBe(0)
  const document = JSON.parse(result.stdout) as RunDocument
  const { energy, sla } = document
  const joules = energy.total_j!.value!
  expect(energy.carbon).toMatchObject({ region: 'DEU', g_per_kwh: 302, basis: 'consumption', kind: 'lifecycle' })
  expect(energy.carbon!.live).toMatchObject({ zone: 'DE', coverage: 1, estimated: true })
  expect(energy.carbon_g!.value).toBeCloseTo((joules / 3.6e6) * 302, 9)
  expect(energy.carbon_g!.cautions).toContainEqual(expect.objectContaining({ code: 'grid-estimated' }))
  expect(energy.cost!.total).toMatchObject({ unit: 'EUR', grade: 'A', scope: 'wall' })
  expect(energy.cost!.total.value).toBeCloseTo((joules / 3.6e6) * 0.3, 12)
  const { sci } = energy
  expect(sci!.embodied_g).toBeCloseTo((1.2e6 * sci!.reserved_s) / (4 * 365 * 86_400), 9)
  expect(sci!.per_inference_g!.value).toBeCloseTo((energy.carbon_g!.value! + sci!.embodied_g) / sci!.units, 12)
  expect(energy.energy_delay_product_js!.value).toBeCloseTo(
    (energy.per_inference_j!.value! * document.service_ms.mean.value!) / 1e3,
    12,
  )
  expect(sla).toMatchObject([{ verdict: 'pass', unit: 'EUR' }])
  expect(document.unmeasured.map(({ what }) => what)).not.toContain('grid_intensity')
  const [name] = readdirSync(join(scratch, 'live'))
  expect(everything(join(scratch, 'live', name!))).not.toContain(key)
  expect(result.stdout + result.stderr).not.toContain(key)
})

test('the stored run is reckoned again for another place and price, and stays as it is', async () => {
  const out = join(scratch, 'live')
  const [name] = readdirSync(out)
  const before = everything(join(out, name!))
  const asStored = (await openRun('latest', { out })).document
  const elsewhere = (await openRun('latest', { out, region: 'azure:polandcentral', tariff: '1.20PLN/kWh' })).document
  const kwh = asStored.energy.total_j!.value! / 3.6e6
  expect(elsewhere.energy.carbon).toMatchObject({ region: 'POL', pue: 1.17, cloud: 'azure:polandcentral' })
  expect(elsewhere.energy.carbon!.live ?? null).toBeNull()
  expect(elsewhere.energy.carbon_g!.value).toBeCloseTo(kwh * 1.17 * 614.98, 9)
  expect(elsewhere.energy.cost!.total.value).toBeCloseTo(kwh * 1.17 * 1.2, 12)
  expect(elsewhere.energy.sci!.g_per_kwh).toBe(614.98)
  expect(elsewhere.sla).toMatchObject([{ verdict: 'unsure', reason: 'the rule is in EUR, the tariff in PLN' }])
  expect(elsewhere.latency_ms).toEqual(asStored.latency_ms)
  expect(elsewhere.energy.total_j).toEqual(asStored.energy.total_j)
  // What was measured live still is, and is used where only the tariff changes.
  const dearer = (await openRun('latest', { out, tariff: '0.60EUR/kWh' })).document
  expect(dearer.energy.carbon).toEqual(asStored.energy.carbon)
  expect(dearer.energy.cost!.total.value).toBeCloseTo(2 * asStored.energy.cost!.total.value!, 12)
  const another = (await openRun('latest', { out, region: 'em:FR' })).document
  expect(another.energy.carbon).toMatchObject({ region: 'FRA', basis: 'production' })
  expect(another.unmeasured).toContainEqual(expect.objectContaining({ what: 'grid_intensity' }))
  const shown = await tailwatt(['show', 'latest', '--out', 'live', '--region', 'NO', '--json'])
  expect((JSON.parse(shown.stdout) as RunDocument).energy.carbon).toMatchObject({ region: 'NOR', g_per_kwh: 30.75 })
  const reported = await tailwatt(['report', 'latest', '--out', 'live', '--tariff', '2CHF/kWh', '--json'])
  expect((JSON.parse(reported.stdout) as RunDocument).energy.cost).toMatchObject({ currency: 'CHF', per_kwh: 2 })
  expect(everything(join(out, name!))).toBe(before)
})

test.each<readonly [string, Record<string, string>, Answer, RegExp]>([
  ['without a key', {}, good(1), /no key of Electricity Maps/],
  ['with a wrong key', { TAILWATT_ELECTRICITY_MAPS_TOKEN: 'wrong-but-secret' }, good(1), /refuses the key/],
  [
    'with a service that hangs',
    { TAILWATT_ELECTRICITY_MAPS_TOKEN: key },
    () => undefined,
    /no answer from|did not answer/,
  ],
])('%s the country’s average stands in, and why is said before the load and kept', async (name, env, wrong, reason) => {
  answer = wrong
  const out = name.replaceAll(' ', '-')
  const result = await measure(out, [], env)
  expect(result.status, result.stderr).toBe(0)
  expect(result.stderr).toMatch(reason)
  const document = JSON.parse(result.stdout) as RunDocument
  expect(document.energy.carbon).toMatchObject({ region: 'DEU', g_per_kwh: 342.06, basis: 'production' })
  const rows = document.unmeasured.filter(({ what }) => what === 'grid_intensity')
  expect(rows).toHaveLength(1)
  expect(rows[0]!.reason).toMatch(reason)
  expect(result.stdout + result.stderr + everything(join(scratch, out))).not.toMatch(/wrong-but-secret|k3y-of-the-user/)
})

test('what cannot be meant is refused before anything is measured', async () => {
  const refused = async (...args: readonly string[]): Promise<string> => {
    const result = await tailwatt(['run', `http://${target.address}/infer`, ...args])
    expect(result.status).toBe(2)
    return result.stderr
  }
  expect(await refused('--tariff', '0.30')).toMatch(/0\.30 is no tariff/)
  expect(await refused('--embodied', '1200kg')).toMatch(/1200kg are no embodied emissions/)
  expect(await refused('--region', 'aws:eu-nort-1')).toMatch(/near it: aws:eu-north-1/)
  expect(await refused('--sla', 'cost_per_inference<1')).toMatch(/needs --tariff/)
  expect(await refused('--sla', 'sci<1g')).toMatch(/needs --embodied/)
  expect(await refused('--sla', 'cost_per_million<1USD', '--tariff', '1EUR/kWh')).toMatch(
    /in USD, and the tariff in EUR/,
  )
  expect(await refused('--sensors', '+electricity-maps:DE')).toMatch(/--region em:DE/)
})
