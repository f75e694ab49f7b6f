// What every sensor keeps, on every virtual host: a no has its remedy, channels are well formed, a reading is its own and a
// number, counters do not fall, and nothing that happens to a file or a library in mid-run throws.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { machines } from '../../test/fixtures/hosts/machines.ts'
import { devices, startMeter, type Meter, type Routes } from '../../test/fixtures/meter-server.ts'
import type { Host } from '../host/host.ts'
import { realHost } from '../host/real-host.ts'
import { systemError, virtualHost, type VirtualHost } from '../host/virtual-host.ts'
import type { Channel, Quantity } from '../run/channel.ts'
import type { SampleSink, StreamSink } from '../run/ports.ts'
import { sensorProviders } from './catalog.ts'
import { sensorOf } from '../../test/fixtures/opened-sensor.ts'
import type { Opened, PolledSensor, SensorProvider, StreamingSensor } from './sensor.ts'

const units: Readonly<Record<Quantity, Channel['unit'] | readonly Channel['unit'][]>> = {
  energy: 'J',
  power: 'W',
  temperature: 'degC',
  clock: 'MHz',
  utilization: 'ratio',
  time: 's',
  bytes: 'B',
  count: '1',
  memory: 'B',
  bandwidth: 'B/s',
  throttle: '1',
  // Whether it is estimated, besides.
  intensity: ['g/kWh', '1'],
}

function checkAnswer(opened: Opened): void {
  if (opened.ok) return
  expect(opened.reason).toMatch(/\w/)
  expect(opened.remedy).toMatch(/\w/)
  expect(`${opened.reason} ${opened.remedy}`).not.toMatch(/undefined|NaN|\[object|\n/)
}

/** Whether it can be opened; it is closed again. */
async function tried(provider: SensorProvider, host: Host, given: unknown = options): Promise<boolean> {
  const opened = await provider.open(host, given)
  checkAnswer(opened)
  if (opened.ok) await opened.sensor.close()
  return opened.ok
}

/** The host, and which of its files are open. */
function watchedFiles(host: VirtualHost): { readonly host: VirtualHost; readonly open: readonly string[] } {
  const open: string[] = []
  const watching: VirtualHost = {
    ...host,
    open: (path) => {
      const file = host.open(path)
      open.push(path)
      let closed = false
      return {
        text: () => file.text(),
        bytes: () => file.bytes(),
        close: () => {
          if (!closed) open.splice(open.indexOf(path), 1)
          closed = true
          file.close()
        },
      }
    },
  }
  return { host: watching, open }
}

function checkChannels(channels: readonly Channel[], sensor: string): void {
  expect(channels.length).toBeGreaterThan(0)
  const ids = channels.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const channel of channels) {
    expect(channel.sensor).toBe(sensor)
    expect(channel.id).toMatch(new RegExp(`^${sensor}(/[^/\\s]+){2,}$`))
    expect([channel.id, [units[channel.quantity]].flat()]).toEqual([channel.id, expect.arrayContaining([channel.unit])])
    if (channel.parent !== undefined) expect(ids).toContain(channel.parent)
    if (channel.quantity === 'energy' || channel.quantity === 'power') expect(channel.grade).toMatch(/^[A-D]$/)
    if (channel.kind === 'counter') expect(channel.quantity).not.toMatch(/power|temperature|clock/)
    if (channel.kind === 'gauge' || channel.kind === 'average') expect(channel.quantity).not.toBe('energy')
    if (channel.systematic !== undefined) expect(channel.systematic).toBeGreaterThan(0)
  }
}

/** Notes what a sensor does that it must not. */
class Checked implements SampleSink {
  readonly faults: string[] = []
  values = 0
  readonly #channels: readonly Channel[]
  readonly #last = new Map<number, { readonly t: number; readonly value: number }>()

  constructor(channels: readonly Channel[]) {
    this.#channels = channels
  }

  put(index: number, t: number, value: number): void {
    const channel = this.#channels[index]
    if (!channel) return void this.faults.push(`${index} is no channel`)
    if (!Number.isFinite(t)) this.faults.push(`${channel.id} at ${t}`)
    if (typeof value !== 'number' || Math.abs(value) === Number.POSITIVE_INFINITY)
      this.faults.push(`${channel.id} is ${String(value)}`)
    if (Number.isNaN(value)) return
    this.values++
    const last = this.#last.get(index)
    if (last && t < last.t) this.faults.push(`${channel.id} went back in time`)
    if (last && channel.kind === 'counter' && value < last.value)
      this.faults.push(`${channel.id} fell from ${last.value} to ${value}`)
    if (channel.quantity === 'power' && value < 0) this.faults.push(`${channel.id} is ${value} W`)
    this.#last.set(index, { t, value })
  }
}

type Fault = (host: VirtualHost) => void
const files =
  (content: (path: string) => string | Error): Fault =>
  ({ machine }) => {
    for (const path of Object.keys(machine.files)) machine.files[path] = content(path)
  }
const calls =
  (status: number): Fault =>
  ({ machine }) => {
    for (const library of Object.values(machine.libraries))
      for (const name of Object.keys(library)) if (name !== 'errno') library[name] = () => status
  }
const faults: Readonly<Record<string, Fault>> = {
  garbage: files(() => '\u0000\u00ff{{ not a number 12 34\n'),
  'N/A': files(() => 'N/A\n'),
  empty: files(() => ''),
  negative: files(() => '-5\n'),
  'all ones': files(() => '18446744073709551615\n'),
  'no number in range': files(() => '1e999\n'),
  EACCES: files((path) => systemError('EACCES', path)),
  ENODEV: files((path) => systemError('ENODEV', path)),
  vanished: ({ machine }) => {
    for (const path of Object.keys(machine.files)) delete machine.files[path]
  },
  'calls fail': calls(999),
  'device lost': calls(15),
  'calls give -1': calls(-1),
}

/** Content and functions as they were, for what comes back. */
function snapshot({ machine }: VirtualHost): () => void {
  const content = { ...machine.files }
  const libraries = Object.entries(machine.libraries).map(([name, library]) => [name, { ...library }] as const)
  return () => {
    Object.assign(machine.files, content)
    for (const [name, library] of libraries) Object.assign(machine.libraries[name]!, library)
  }
}

const polled = sensorProviders.filter(({ flow }) => flow !== 'streaming')
const options = { self: 1, watched: new SharedArrayBuffer(16) }
const workingOn = async (provider: SensorProvider): Promise<readonly (readonly [string, () => VirtualHost])[]> => {
  const found: (readonly [string, () => VirtualHost])[] = []
  for (const [name, machine] of Object.entries(machines)) {
    const host = (): VirtualHost => virtualHost(machine())
    if (await tried(provider, host())) found.push([name, host])
  }
  return found
}

describe.each(polled.map((provider) => [provider.id, provider] as const))('%s', (id, provider) => {
  let hosts: readonly (readonly [string, () => VirtualHost])[] = []
  beforeAll(async () => {
    hosts = await workingOn(provider)
  })
  const open = async (host: VirtualHost): Promise<PolledSensor> =>
    sensorOf(await provider.open(host, options)) as PolledSensor

  test('works on at least one of the virtual hosts', () => {
    expect(hosts.length).toBeGreaterThan(0)
  })

  test('says yes, or no with a reason and a remedy, on each of them, on nothing, and elsewhere', async () => {
    for (const machine of Object.values(machines)) await tried(provider, virtualHost(machine()))
    expect(await tried(provider, virtualHost(), undefined)).toBe(false)
    for (const platform of ['darwin', 'win32'] as const)
      expect(await tried(provider, virtualHost({ platform }))).toBe(false)
  })

  test('does not work where it declares that it does not', async () => {
    const { platforms } = provider
    for (const platform of ['linux', 'darwin', 'win32'] as const)
      for (const [name, machine] of platforms?.includes(platform) === false ? Object.entries(machines) : [])
        expect([name, await tried(provider, virtualHost({ ...machine(), platform }))]).toEqual([name, false])
  })

  test('leaves no file open when it is closed, nor where it says no', async () => {
    for (const [name, machine] of Object.entries(machines)) {
      for (const [fault, make] of Object.entries<Fault>({ nothing: () => undefined, ...faults })) {
        const { host, open } = watchedFiles(virtualHost(machine()))
        make(host)
        await tried(provider, host)
        expect([name, fault, open]).toEqual([name, fault, []])
      }
    }
  })

  test('gives well-formed channels and reads nothing but them', async () => {
    let values = 0
    for (const [name, host] of hosts) {
      const sensor = await open(host())
      checkChannels(sensor.channels, id)
      for (const row of sensor.lacks ?? []) expect([row.what, row.reason, row.remedy].every(Boolean)).toBe(true)
      const sink = new Checked(sensor.channels)
      const outcomes = [0, 1, 2, 3].map((turn) => sensor.read(1e9 + turn * 150e6, sink))
      expect([name, sink.faults, outcomes]).toEqual([name, [], ['ok', 'ok', 'ok', 'ok']])
      values += sink.values
      sensor.close()
      sensor.close()
    }
    expect(values).toBeGreaterThan(0)
  })

  test.each(Object.entries(faults))('goes on, or ends, when in mid-run there is: %s', async (_, fault) => {
    for (const [name, make] of hosts) {
      const host = make()
      const sensor = await open(host)
      const sink = new Checked(sensor.channels)
      let turn = 0
      const read = (): string => {
        host.advance(150e6)
        return sensor.read(1e9 + turn++ * 150e6, sink)
      }
      read()
      const restore = snapshot(host)
      fault(host)
      const outcomes = [read(), read()]
      restore()
      outcomes.push(read(), read())
      expect([name, sink.faults]).toEqual([name, []])
      expect(outcomes.every((outcome) => ['ok', 'retry', 'ended'].includes(outcome))).toBe(true)
      sensor.close()
      sensor.close()
    }
  })

  test.each(Object.entries(faults))(
    'says so, and does not throw, when from the beginning there is: %s',
    async (_, fault) => {
      for (const [name, make] of hosts) {
        const host = make()
        fault(host)
        const opened = await provider.open(host, options)
        checkAnswer(opened)
        if (!opened.ok) continue
        const sensor = opened.sensor as PolledSensor
        const sink = new Checked(sensor.channels)
        sensor.read(1e9, sink)
        sensor.read(2e9, sink)
        expect([name, sink.faults]).toEqual([name, []])
        sensor.close()
      }
    },
  )
})

describe('sensors that are waited for', () => {
  const scrape = ['DCGM_FI_DEV_POWER_USAGE{UUID="GPU-a"} 212.5', 'DCGM_FI_DEV_GPU_TEMP{UUID="GPU-a"} 44', ''].join('\n')
  const recording = [
    '{"format":"tailwatt.readings/1","about":"a test","from":null,"channels":[{"id":"replay/a/power","sensor":"rapl","quantity":"power","unit":"W","kind":"gauge","scope":"package","grade":"C"}]}',
    '[0,0,12.5]',
    '[1000,0,13]',
    '',
  ].join('\n')
  const meters: Meter[] = []
  afterAll(() => Promise.all(meters.map((meter) => meter.close())))
  const intensity = { zone: 'DE', carbonIntensity: 302, emissionFactorType: 'lifecycle', isEstimated: true }
  const served = async (routes: Routes): Promise<string> => {
    const meter = await startMeter({ routes })
    meters.push(meter)
    return meter.address
  }
  interface Fixture {
    readonly argument: string
    readonly host?: Host
  }
  const fixtures: Readonly<Record<string, () => Promise<Fixture>>> = {
    shelly: async () => ({ argument: await served(devices.plug) }),
    tasmota: async () => ({ argument: await served(devices.tasmota) }),
    dcgm: async () => ({ argument: await served({ '/metrics': () => scrape }) }),
    'electricity-maps': async () => {
      const address = await served({ '/v3/carbon-intensity/latest': () => intensity })
      const env: Record<string, string> = {
        TAILWATT_ELECTRICITY_MAPS_TOKEN: 'key',
        TAILWATT_ELECTRICITY_MAPS_URL: `http://${address}`,
      }
      return { argument: 'DE', host: { ...realHost(), env: (name) => env[name] } }
    },
    replay: async () => ({ argument: '/recording', host: virtualHost({ files: { '/recording': recording } }) }),
  }
  const streaming = sensorProviders.filter(({ flow }) => flow === 'streaming')

  test.each(streaming.map((provider) => [provider.id, provider] as const))('%s', async (id, provider) => {
    expect(Object.keys(fixtures)).toContain(id)
    const clock = (): number => Number(process.hrtime.bigint())
    const { argument, host = realHost() } = await fixtures[id]!()
    const given = { argument, clock }
    await tried(provider, virtualHost(), undefined)
    await tried(provider, virtualHost(), { argument: '127.0.0.1:1' })
    const opened = await provider.open(host, given)
    checkAnswer(opened)
    const sensor = sensorOf(opened) as StreamingSensor
    checkChannels(sensor.channels, id)
    const checked = new Checked(sensor.channels)
    const told: string[] = []
    const out: StreamSink = {
      put: (channel, t, value) => checked.put(channel, t, value),
      within: (ns) => void (ns >= 0 || told.push(`within ${ns}`)),
      failed: (reason) => void told.push(reason),
      lost: (reason) => void (id === 'replay' || told.push(reason)),
    }
    await sensor.start(out)
    await sensor.close()
    await sensor.close()
    expect([checked.faults, told]).toEqual([[], []])
    expect(checked.values).toBeGreaterThan(0)
  })
})
