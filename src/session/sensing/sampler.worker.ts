// The sampler thread: reads every polled sensor at a fixed rate, paced by Atomics.wait, and posts what it read a few times
// a second. Shares its thread with nothing.
import { parentPort, workerData } from 'node:worker_threads'
import { measuresPower } from '../../run/channel.ts'
import { realHost } from '../../host/real-host.ts'
import { quantiles } from '../../stats/quantile.ts'
import type { PolledSensor } from '../../sensors/sensor.ts'
import type { SamplerData } from './sampler.ts'
import { ReadingRows, type SensorMessage } from './sensor-thread.ts'
import { messageOf } from './time-limit.ts'
import { openSensors, type OpenSensor } from './open-sensors.ts'
import { garbage, SensorHealth } from './sensor-health.ts'

const { specs, hz, epoch, wanted, self, control, watched } = workerData as SamplerData
const stop = new Int32Array(control)
const post = (message: SensorMessage): void => parentPort!.postMessage(message)
const now = (): number => Number(process.hrtime.bigint() - epoch)

const rows = new ReadingRows()

function flush(): void {
  const chunk = rows.take()
  if (chunk) post({ kind: 'samples', chunk })
}

/** Read times kept of a sensor: enough for a median. */
const mostTimes = 5000

interface Sampled extends OpenSensor<PolledSensor> {
  readonly health: SensorHealth
  /** Whether it reads power or energy of hardware. */
  readonly power: boolean
  /** How long its reads took, ns; of a long run the first. */
  readonly took: number[]
}

function readSensor(sampled: Sampled): void {
  const { sensor, health } = sampled
  if (health.ended) return
  const at = now()
  let outcome: ReturnType<PolledSensor['read']>
  let reason = 'it gave no reading'
  let whole = true
  try {
    outcome = sensor.read(at, {
      put: (channel, t, value) => {
        if (!rows.put(sampled, channel, t, value)) whole = false
      },
    })
  } catch (error) {
    outcome = 'retry'
    reason = messageOf(error)
  }
  if (sampled.took.length < mostTimes) sampled.took.push(now() - at)
  if (outcome === 'ended') health.lost(at, reason)
  else if (!whole) health.failed(at, garbage)
  else if (outcome === 'ok') health.ok(at)
  else health.failed(at, reason)
}

const { opened, channels, unmeasured, warnings } = await openSensors('polled', specs, {
  host: realHost(),
  options: { watched, self, hz },
  ...(wanted ? { wanted } : {}),
})
const sensors = opened.map((sensor): Sampled => ({
  ...sensor,
  health: new SensorHealth(sensor.spec.kind, (event) => post({ kind: 'event', event })),
  power: sensor.sensor.channels.some(measuresPower),
  took: [],
}))
post({ kind: 'ready', channels, unmeasured, warnings })

const period = 1e9 / hz
const gaps: number[] = []
let planned = now()
let last = Number.NaN
let flushed = planned
while (Atomics.load(stop, 0) === 0) {
  const at = now()
  // Between two usual readings a hurried sampler reads the power sensors only.
  const burst = Atomics.load(stop, 1)
  const due = burst === 0 || at >= planned
  if (due) {
    if (!Number.isNaN(last)) gaps.push((at - last) / 1e6)
    last = at
  }
  for (const sensor of sensors) if (due || sensor.power) readSensor(sensor)
  if (at - flushed > 200e6) {
    flush()
    flushed = at
  }
  if (due) planned += period
  // A sampler that was held up does not try to catch up with a burst.
  if (planned < now()) planned = now() + period
  const next = burst === 0 ? planned : Math.min(planned, at + 1e9 / burst)
  Atomics.wait(stop, 0, 0, Math.max(0, next - now()) / 1e6)
}
for (const sensor of sensors) readSensor(sensor)
flush()
for (const { sensor, spec, took } of sensors) {
  if (took.length > 0) {
    const [median, max] = quantiles(Float64Array.from(took), [0.5, 1]) as [number, number]
    const id = sensor.channels[0]?.sensor ?? spec.kind
    const data = { id, median_us: median / 1e3, max_us: max / 1e3, n: took.length }
    post({ kind: 'event', event: { t: now(), kind: 'sensor_read', data } })
  }
  try {
    sensor.close()
  } catch {
    // What it read is kept; there is nothing left to close it for.
  }
}
const [p50, p99, max] = gaps.length === 0 ? [null, null, null] : quantiles(Float64Array.from(gaps), [0.5, 0.99, 1])
const { user, system } = process.cpuUsage()
const told = new Set(unmeasured)
post({
  kind: 'stopped',
  gap_ms: { p50: p50!, p99: p99!, max: max! },
  cpu_s: (user + system) / 1e6,
  unmeasured: sensors.flatMap(({ sensor }) => sensor.lacks ?? []).filter((row) => !told.has(row)),
})
