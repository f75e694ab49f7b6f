// The meters against servers on loopback that answer as the devices do, and in every wrong way: each failure is a reason
// with a remedy, never a reading.
import { afterEach, describe, expect, test } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { realHost } from '../dist/host/real-host.js'
import type { Host } from '../dist/host/host.js'
import { shelly } from '../dist/sensors/shelly/shelly.js'
import { startSensing } from '../dist/session/sensing/sensing.js'
import { tasmota } from '../dist/sensors/tasmota/tasmota.js'
import { dcgm } from '../dist/sensors/dcgm-exporter/dcgm-exporter.js'
import { sensorOf } from './fixtures/opened-sensor.ts'
import type { Opened, SensorProvider, StreamingSensor } from '../dist/sensors/sensor.js'
import { devices, startMeter, type Meter, type MeterOptions } from './fixtures/meter-server.ts'

const meters: Meter[] = []
const start = async (options: MeterOptions): Promise<Meter> => {
  const meter = await startMeter(options)
  meters.push(meter)
  return meter
}
afterEach(async () => {
  await Promise.all(meters.splice(0).map((meter) => meter.close()))
})

const hostWith = (env: Record<string, string>): Host => ({ ...realHost(), env: (name) => env[name] })
const clock = (): number => Number(process.hrtime.bigint())
const options = (meter: Meter, path = ''): { argument: string; clock: () => number } => ({
  argument: meter.address + path,
  clock,
})
const noOf = (opened: Opened): string => (opened.ok ? 'it works' : `${opened.reason} -> ${opened.remedy}`)
const tried = async (provider: SensorProvider, host: Host, given: unknown = {}): Promise<Opened> => {
  const opened = await provider.open(host, given)
  if (opened.ok) await opened.sensor.close()
  return opened
}

interface Read {
  readonly values: ReadonlyMap<string, readonly { readonly t: number; readonly value: number }[]>
  readonly halves: readonly number[]
  readonly failures: readonly string[]
}

async function readFor(provider: SensorProvider, host: Host, given: unknown, ms: number): Promise<Read> {
  const sensor = sensorOf(await provider.open(host, given)) as StreamingSensor
  const values = new Map(sensor.channels.map(({ id }) => [id, [] as { t: number; value: number }[]]))
  const halves: number[] = []
  const failures: string[] = []
  await sensor.start({
    put: (channel, t, value) => values.get(sensor.channels[channel]!.id)!.push({ t, value }),
    within: (ns) => halves.push(ns),
    failed: (reason) => failures.push(reason),
    lost: (reason) => failures.push(`lost: ${reason}`),
  })
  await sleep(ms)
  await sensor.close()
  return { values, halves, failures }
}

describe('shelly', () => {
  test.each([
    ['plug', 'Switch'],
    ['pm1', 'PM1'],
    ['em', 'EM'],
    ['gen1', 'meter'],
  ] as const)('finds the meter of a %s', async (device, component) => {
    const meter = await start({ routes: devices[device], watts: 123.4 })
    expect(await tried(shelly, realHost(), options(meter))).toMatchObject({
      ok: true,
      note: `${component} at ${meter.address}`,
    })
    const { values, failures } = await readFor(shelly, realHost(), options(meter), 10)
    expect(failures).toEqual([])
    expect(values.get(`shelly/${meter.address}/power`)!.map(({ value }) => value)).toEqual([123.4, 123.4])
    expect(values.has(`shelly/${meter.address}/energy`)).toBe(device !== 'em')
  })

  test('reads once a second, in the middle of the round trip, and once more at the end', async () => {
    const meter = await start({ routes: devices.plug, watts: 5000 })
    const before = clock()
    const { values, halves } = await readFor(shelly, realHost(), options(meter), 2500)
    const power = values.get(`shelly/${meter.address}/power`)!
    expect(power.length).toBeGreaterThanOrEqual(3)
    expect(power.every(({ t }, i) => t > (power[i - 1]?.t ?? before))).toBe(true)
    expect(halves).toHaveLength(power.length)
    expect(halves.every((half) => half > 0)).toBe(true)
    // 5 kW for seconds: the counter's slope is the power, whatever its step.
    const energy = values.get(`shelly/${meter.address}/energy`)!
    const [first, last] = [energy[0]!, energy.at(-1)!]
    expect((last.value - first.value) / ((last.t - first.t) / 1e9) / 5000).toBeCloseTo(1, 1)
  })

  test('an outlet is chosen by its number', async () => {
    const routes = {
      '/shelly': devices.plug['/shelly']!,
      '/rpc/Switch.GetStatus': ({ query }: { query: URLSearchParams }) => ({
        apower: query.get('id') === '2' ? 42 : 7,
      }),
    }
    const meter = await start({ routes })
    const { values } = await readFor(shelly, realHost(), options(meter, '/2'), 10)
    expect(values.get(`shelly/${meter.address}/2/power`)![0]!.value).toBe(42)
  })

  test('a password is used by digest, nonce by nonce; without one, or with a wrong one, it is asked for', async () => {
    const meter = await start({ routes: devices.plug, password: 'correct horse' })
    expect(noOf(await tried(shelly, hostWith({}), options(meter)))).toMatch(
      /asks for a password.*TAILWATT_SHELLY_PASSWORD_FILE/,
    )
    const wrong = await tried(shelly, hostWith({ TAILWATT_SHELLY_PASSWORD: 'wrong' }), options(meter))
    expect(noOf(wrong)).toMatch(/refuses the password/)
    expect(noOf(wrong)).not.toContain('wrong')
    const host = hostWith({ TAILWATT_SHELLY_PASSWORD: 'correct horse' })
    const { values, failures } = await readFor(shelly, host, options(meter), 1200)
    expect(failures).toEqual([])
    expect(values.get(`shelly/${meter.address}/power`)!.length).toBeGreaterThanOrEqual(2)
    // It never went over the wire in the clear.
    expect(JSON.stringify(meter.requests)).not.toContain('horse')
  })

  test('the first generation gets basic authentication; a later one that asks for it does not get the password', async () => {
    const host = hostWith({ TAILWATT_SHELLY_PASSWORD: 'pw' })
    const old = await start({ routes: devices.gen1, password: 'pw', basic: true })
    expect(await tried(shelly, host, options(old))).toMatchObject({ ok: true })
    const posing = await start({ routes: devices.plug, password: 'pw', basic: true })
    expect(noOf(await tried(shelly, host, options(posing)))).toMatch(/in a way it should not/)
  })

  test('a plug without a meter, and what is no Shelly, say so', async () => {
    expect(noOf(await tried(shelly, realHost(), options(await start({ routes: devices.unmetered }))))).toMatch(
      /has no meter/,
    )
    const other = await start({ routes: { '/shelly': () => ({ hello: 'world' }) } })
    expect(noOf(await tried(shelly, realHost(), options(other)))).toMatch(/is no Shelly/)
    expect(noOf(await tried(shelly, realHost()))).toBe('no address of a Shelly is given -> --sensors +shelly:ADDRESS')
  })

  test.each([
    ['truncated', /cut off or damaged/],
    ['empty', /answers with nothing/],
    ['html', /HTML instead of JSON/],
    ['all html', /HTML instead of JSON/],
    ['redirect', /redirects to elsewhere\.example \(HTTP 302\)/],
    ['error', /HTTP 503/],
    ['gigantic', /more than 64 kB/],
    ['drops', /closed the connection/],
    ['hangs', /no answer from .* within 1.5 s/],
    [{ apower: 'N/A' }, /is no number/],
    [{ apower: null }, /is no number/],
    [{ apower: -3 }, /is negative/],
    [{ apower: 5, errors: ['out_of_range:voltage'] }, /out_of_range/],
    [[1, 2], /JSON that is no object/],
  ])('what is wrong is a reason before the run, and no reading within it: %j', async (fault, reason) => {
    const meter = await start({ routes: devices.plug, fault })
    const no = noOf(await tried(shelly, realHost(), options(meter)))
    expect(no).toMatch(reason)
    expect(no).toMatch(/ -> ./)
    // The same in mid-run: nothing is put, and reading goes on afterwards.
    meter.fault = undefined
    const sensor = sensorOf(await shelly.open(realHost(), options(meter))) as StreamingSensor
    const values: number[] = []
    const failures: string[] = []
    meter.fault = fault
    await sensor.start({
      put: (channel, _, value) => void (channel === 0 && values.push(value)),
      within: () => undefined,
      failed: (text) => failures.push(text),
      lost: (text) => failures.push(text),
    })
    while (failures.length === 0) await sleep(20)
    expect(failures[0]).toMatch(reason)
    expect(values).toEqual([])
    meter.fault = undefined
    await sensor.close()
    expect(values.at(-1)).toBe(100)
  })

  test('nothing that listens, and a name that nobody knows', async () => {
    const meter = await startMeter({ routes: {} })
    await meter.close()
    expect(noOf(await tried(shelly, realHost(), options(meter)))).toMatch(
      /nothing listens at 127\.0\.0\.1:\d+ \(ECONNREFUSED\) -> /,
    )
    expect(noOf(await tried(shelly, realHost(), { argument: 'meter.invalid' }))).toMatch(/meter\.invalid/)
  })

  test('credentials in an address are refused and not repeated', async () => {
    const no = noOf(await tried(shelly, realHost(), { argument: 'http://admin:s3cret@127.0.0.1' }))
    expect(no).toMatch(/credentials are not taken from an address.*TAILWATT_SHELLY_PASSWORD/)
    expect(no).not.toContain('s3cret')
  })
})

describe('tasmota', () => {
  test('reads power, and the counter in steps of a watt-hour where it changes', async () => {
    const meter = await start({ routes: devices.tasmota, watts: 7200 })
    const { values, failures } = await readFor(tasmota, realHost(), options(meter), 3200)
    expect(failures).toEqual([])
    expect(values.get(`tasmota/${meter.address}/power`)!.every(({ value }) => value === 7200)).toBe(true)
    // 7200 W are 2 Wh a second.
    const energy = values.get(`tasmota/${meter.address}/energy`)!
    expect(energy.length).toBeGreaterThanOrEqual(2)
    const [first, last] = [energy[0]!, energy.at(-1)!]
    expect(Math.abs(last.value - first.value - (7200 * (last.t - first.t)) / 1e9)).toBeLessThanOrEqual(2 * 3600)
  })

  test('old firmware, several outlets, a refusal with status 200', async () => {
    const old = await start({ routes: { '/cm': () => ({ StatusPWR: { Total: 1.5, Power: 30 } }) } })
    expect(await tried(tasmota, realHost(), options(old))).toMatchObject({ ok: true })
    const two = await start({ routes: { '/cm': () => ({ StatusSNS: { ENERGY: { Total: 3, Power: [30, 12] } } }) } })
    const sum = await readFor(tasmota, realHost(), options(two), 10)
    expect(sum.values.get(`tasmota/${two.address}/power`)![0]!.value).toBe(42)
    const second = await readFor(tasmota, realHost(), options(two, '/1'), 10)
    expect(second.values.get(`tasmota/${two.address}/1/power`)![0]!.value).toBe(12)
    expect([...second.values.keys()]).toHaveLength(1)
    const guarded = await start({ routes: { '/cm': () => ({ WARNING: 'Need user=<username>&password=<password>' }) } })
    expect(noOf(await tried(tasmota, hostWith({}), options(guarded)))).toMatch(
      /asks for a password -> set TAILWATT_TASMOTA_PASSWORD/,
    )
    const host = hostWith({ TAILWATT_TASMOTA_PASSWORD: 'p&w' })
    expect(noOf(await tried(tasmota, host, options(guarded)))).toMatch(/refuses the password/)
    expect(guarded.requests.at(-1)).toBe('/cm?user=admin&password=p%26w&cmnd=Status%208')
  })

  test.each([
    ['hangs', /no answer/],
    ['truncated', /cut off/],
    ['html', /HTML/],
    [{ Command: 'Unknown' }, /no ENERGY/],
    [{ StatusSNS: { ENERGY: { Power: 'N/A' } } }, /no number/],
    [{ StatusSNS: { ENERGY: { Power: -1 } } }, /negative/],
  ])('what is wrong is a reason: %j', async (fault, reason) => {
    const meter = await start({ routes: devices.tasmota, fault })
    expect(noOf(await tried(tasmota, realHost(), options(meter)))).toMatch(reason)
  })
})

describe('dcgm-exporter', () => {
  const serve = async (text: () => string): Promise<Meter> => {
    const meter = await start({ routes: { '/metrics': () => 0 } })
    await meter.close()
    const { createServer } = await import('node:http')
    const server = createServer((_, response) => response.end(text()))
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    return Object.assign(meter, {
      address: `127.0.0.1:${port}`,
      close: async () => {
        server.closeAllConnections()
        server.close()
      },
    })
  }

  test('reads every GPU; a scrape like the last one is no new reading', async () => {
    let scrape = 0
    const meter = await serve(() => {
      scrape++
      const energy = 1_000_000 + 1000 * Math.min(scrape, 4)
      return [
        '# HELP DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION Total energy consumption since boot (in mJ).',
        '# TYPE DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION counter',
        ...['a', 'b'].flatMap((gpu) => [
          `DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu="0",UUID="GPU-${gpu}",modelName="A100, 80GB",pod="x}"} ${energy}`,
          `DCGM_FI_PROF_SM_ACTIVE{gpu="0",UUID="GPU-${gpu}"} 0.5`,
        ]),
        '',
      ].join('\n')
    })
    expect(await tried(dcgm, realHost(), options(meter))).toMatchObject({
      ok: true,
      note: `2 GPUs at ${meter.address}`,
    })
    const { values, failures } = await readFor(dcgm, realHost(), options(meter), 3200)
    expect(failures).toEqual([])
    // The probe was the first scrape and opening the second; from the fourth on nothing is new.
    expect(values.get('dcgm/GPU-a/energy')!.map(({ value }) => value)).toEqual([1003, 1004])
    expect(values.get('dcgm/GPU-b/sm-utilization')!.map(({ value }) => value)).toEqual([0.5, 0.5])
  })

  test('joules that show 0 once are not counted again', async () => {
    const millijoules = [1_000_000, 1_001_000, 0, 1_003_000]
    const meter = await serve(
      () => `DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{UUID="GPU-a"} ${millijoules.shift() ?? 1_003_000}\n`,
    )
    const { values } = await readFor(dcgm, realHost(), options(meter), 3200)
    // Opening was the first scrape.
    const joules = values.get('dcgm/GPU-a/energy')!.map(({ value }) => value)
    expect(joules).toEqual([1001, Number.NaN, 1001, Number.NaN, 1001])
  })

  test('watts and joules have the error of the board, whoever passes them on; shares have none', async () => {
    const meter = await serve(() =>
      ['NVIDIA A100-SXM4-80GB', 'NVIDIA L4']
        .flatMap((board, gpu) => [
          `DCGM_FI_DEV_POWER_USAGE{UUID="GPU-${gpu}",modelName="${board}"} 60`,
          `DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{UUID="GPU-${gpu}"} 5`,
          `DCGM_FI_DEV_GPU_UTIL{UUID="GPU-${gpu}"} 50`,
        ])
        .join('\n'),
    )
    const sensor = sensorOf(await dcgm.open(realHost(), options(meter)))
    await sensor.close()
    expect(Object.fromEntries(sensor.channels.map(({ id, systematic }) => [id, systematic]))).toEqual({
      'dcgm/GPU-0/energy': 0.06,
      'dcgm/GPU-0/power': 0.06,
      'dcgm/GPU-0/utilization': undefined,
      'dcgm/GPU-1/energy': 0.05,
      'dcgm/GPU-1/power': 0.05,
      'dcgm/GPU-1/utilization': undefined,
    })
  })

  test('of 20 000 channels the first 1 024 are read, and a row says so', async () => {
    const fields = ['DEV_TOTAL_ENERGY_CONSUMPTION', 'DEV_POWER_USAGE', 'DEV_GPU_TEMP', 'DEV_SM_CLOCK', 'DEV_GPU_UTIL']
    const names = Array.from({ length: 4000 }, (_, gpu) =>
      fields.map((name) => `DCGM_FI_${name}{UUID="GPU-${gpu}"}`),
    ).flat()
    let scrape = 0
    const meter = await serve(() => {
      scrape++
      return names.map((name) => `${name} ${scrape}`).join('\n')
    })
    const channels = new Set<number>()
    const events: string[] = []
    const sensing = await startSensing({
      specs: [{ kind: 'dcgm', options: { argument: meter.address }, asked: true }],
      hz: 10,
      epoch: process.hrtime.bigint(),
      onSamples: (chunk) => chunk.channel.forEach((channel) => channels.add(channel)),
      onEvent: ({ kind }) => events.push(kind),
    })
    await sleep(2500)
    await sensing.stop()
    expect(sensing.channels).toHaveLength(1024)
    expect(channels.size).toBe(1024)
    expect(Math.max(...channels)).toBe(1023)
    const reason =
      'dcgm: it has 20\u202f000 channels, of which the first 1\u202f024 are read and 18\u202f976 are left out'
    const remedy = 'have it show fewer devices or fields'
    expect(sensing.unmeasured).toContainEqual({ what: 'channels', reason, remedy })
    expect(sensing.warnings).toEqual([`the sensor ${reason}; ${remedy}`])
    // What is left out on purpose is no failure of the sensor.
    expect(events.filter((kind) => kind === 'sensor' || kind === 'note')).toEqual([])
  })

  test('nothing there, a page, or no GPU is a reason', async () => {
    expect(noOf(await tried(dcgm, realHost(), { argument: '127.0.0.1:1' }))).toMatch(
      /nothing listens.*start dcgm-exporter/,
    )
    expect(noOf(await tried(dcgm, realHost(), options(await serve(() => '<html>'))))).toMatch(/HTML instead of metrics/)
    expect(noOf(await tried(dcgm, realHost(), options(await serve(() => 'go_goroutines 3\n'))))).toMatch(
      /no field of a GPU/,
    )
    expect(noOf(await tried(dcgm, realHost(), options(await serve(() => '\u0000garbage {{{'))))).toMatch(
      /no field of a GPU/,
    )
  })
})
