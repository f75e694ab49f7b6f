// The sampler thread: reads every polled sensor at a fixed rate, paced by Atomics.wait, and posts what it read a few times
// a second. Shares its thread with nothing.
import { parentPort, workerData } from 'node:worker_threads'
import { realHost } from '../host/real-host.ts'
import { quantiles } from '../stats/quantile.ts'
import type { Channel } from '../run/channel.ts'
import type { Unmeasured } from '../run/manifest.ts'
import { allocateSamples } from '../run/table.ts'
import { findSensorProvider } from '../sensors/catalog.ts'
import type { PolledSensor, SensorSpec } from '../sensors/sensor.ts'
import type { SamplerData, SamplerMessage } from './sampler.ts'

const { specs, hz, epoch, self, control, watched } = workerData as SamplerData
const stop = new Int32Array(control)
const post = (message: SamplerMessage): void => parentPort!.postMessage(message)
const now = (): number => Number(process.hrtime.bigint() - epoch)

interface Open {
  readonly spec: SensorSpec
  readonly sensor: PolledSensor
  /** Index of its first channel among all. */
  readonly first: number
  state: 'ok' | 'failing' | 'ended'
}

/** What a sensor's absence leaves without a figure. */
const wouldGive: Readonly<Record<string, string>> = {
  rapl: 'cpu_w',
  nvml: 'gpu_w',
  model: 'cpu_w',
  procfs: 'utilisation',
  'perf-event': 'perf',
}

const buffer = { channel: [] as number[], t: [] as number[], value: [] as number[] }

function flush(): void {
  const { length } = buffer.t
  if (length === 0) return
  const chunk = allocateSamples(length)
  chunk.channel.set(buffer.channel)
  chunk.t.set(buffer.t)
  chunk.value.set(buffer.value)
  buffer.channel = []
  buffer.t = []
  buffer.value = []
  post({ kind: 'samples', chunk })
}

async function openAll(): Promise<{ sensors: Open[]; channels: Channel[]; unmeasured: Unmeasured[] }> {
  const host = realHost()
  const sensors: Open[] = []
  const channels: Channel[] = []
  const unmeasured: Unmeasured[] = []
  for (const spec of specs) {
    const what = wouldGive[spec.kind] ?? spec.kind
    try {
      const provider = await findSensorProvider(spec.kind)
      if (!provider) throw new Error('there is no such sensor')
      const probe = await provider.probe(host)
      if (!probe.ok) {
        unmeasured.push({ what, reason: `${provider.id}: ${probe.reason}`, remedy: probe.remedy })
        continue
      }
      const sensor = (await provider.open(host, { ...spec.options, watched, self })) as PolledSensor
      sensors.push({ spec, sensor, first: channels.length, state: 'ok' })
      channels.push(...sensor.channels)
      unmeasured.push(...(sensor.lacks ?? []))
    } catch (error) {
      unmeasured.push({
        what,
        reason: `${spec.kind}: ${messageOf(error)}`,
        remedy: '`tailwatt doctor` says what it needs',
      })
    }
  }
  return { sensors, channels, unmeasured }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function readSensor(open: Open, at: number): void {
  const { first } = open
  let outcome: ReturnType<PolledSensor['read']>
  let reason = 'it gave no reading'
  try {
    outcome = open.sensor.read(at, {
      put: (channel, t, value) => {
        buffer.channel.push(first + channel)
        buffer.t.push(t)
        buffer.value.push(value)
      },
    })
  } catch (error) {
    outcome = 'retry'
    reason = messageOf(error)
  }
  const tell = (state: 'lost' | 'back' | 'failed'): void =>
    post({ kind: 'event', event: { recording: 0, t: at, kind: 'sensor', data: { id: open.spec.kind, state, reason } } })
  if (outcome === 'ended') {
    tell('lost')
    open.state = 'ended'
  } else if (outcome === 'retry' && open.state === 'ok') {
    tell('failed')
    open.state = 'failing'
  } else if (outcome === 'ok' && open.state === 'failing') {
    reason = 'it reads again'
    tell('back')
    open.state = 'ok'
  }
}

const { sensors, channels, unmeasured } = await openAll()
post({ kind: 'ready', channels, unmeasured })

const period = 1e9 / hz
const gaps: number[] = []
let planned = now()
let last = Number.NaN
let flushed = planned
while (Atomics.load(stop, 0) === 0) {
  const at = now()
  if (!Number.isNaN(last)) gaps.push((at - last) / 1e6)
  last = at
  for (const open of sensors) if (open.state !== 'ended') readSensor(open, now())
  if (at - flushed > 200e6) {
    flush()
    flushed = at
  }
  planned += period
  // A sampler that was held up does not try to catch up with a burst.
  if (planned < now()) planned = now() + period
  Atomics.wait(stop, 0, 0, (planned - now()) / 1e6)
}
for (const open of sensors) if (open.state !== 'ended') readSensor(open, now())
flush()
for (const { sensor } of sensors) sensor.close()
const [p50, p99, max] = gaps.length === 0 ? [null, null, null] : quantiles(Float64Array.from(gaps), [0.5, 0.99, 1])
const { user, system } = process.cpuUsage()
post({ kind: 'stopped', gap_ms: { p50: p50!, p99: p99!, max: max! }, cpu_s: (user + system) / 1e6 })
