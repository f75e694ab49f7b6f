// The collector thread: streaming sensors, each in its own time, on an event loop that nothing else uses. A sensor that
// hangs holds up nothing but itself; one that throws where nobody catches is a note, and the others go on.
import { parentPort, workerData } from 'node:worker_threads'
import { realHost } from '../../host/real-host.ts'
import type { StreamSink } from '../../run/ports.ts'
import type { StreamingSensor } from '../../sensors/sensor.ts'
import { quantiles } from '../../stats/quantile.ts'
import type { CollectorData } from './collector.ts'
import { closeMs, ReadingRows, type SensorMessage } from './sensor-thread.ts'
import { messageOf, within } from './time-limit.ts'
import { openSensors, type OpenSensor } from './open-sensors.ts'
import { garbage, SensorHealth } from './sensor-health.ts'

const { specs, epoch, wanted, self, watched } = workerData as CollectorData
const post = (message: SensorMessage): void => parentPort!.postMessage(message)
const now = (): number => Number(process.hrtime.bigint() - epoch)

const stray = (error: unknown): void =>
  post({
    kind: 'event',
    event: { t: now(), kind: 'note', data: { text: `a sensor threw: ${messageOf(error)}` } },
  })
process.on('uncaughtException', stray)
process.on('unhandledRejection', stray)

const rows = new ReadingRows()

function flush(): void {
  const chunk = rows.take()
  if (chunk) post({ kind: 'samples', chunk })
}

class Collected {
  readonly #opened: OpenSensor<StreamingSensor>
  readonly #health: SensorHealth
  readonly #halves: number[] = []

  constructor(opened: OpenSensor<StreamingSensor>) {
    this.#opened = opened
    this.#health = new SensorHealth(opened.spec.kind, (event) => post({ kind: 'event', event }))
  }

  start(): void {
    const health = this.#health
    const sink: StreamSink = {
      put: (channel, t, value) => {
        if (health.ended) return
        if (rows.put(this.#opened, channel, t, value)) health.ok(now())
        else health.failed(now(), garbage)
      },
      within: (ns) => void this.#halves.push(ns),
      failed: (reason) => health.failed(now(), reason),
      lost: (reason) => health.lost(now(), reason),
    }
    // Not waited for: it may take as long as it likes.
    void (async () => this.#opened.sensor.start(sink))().catch((error: unknown) => sink.lost(messageOf(error)))
  }

  async close(): Promise<void> {
    try {
      await within(closeMs, (async () => this.#opened.sensor.close())())
    } catch {
      // It hangs or fails while the run ends: what it gave is kept, and the run has nothing more to ask of it.
    }
    if (this.#halves.length === 0) return
    const [p50, max] = quantiles(Float64Array.from(this.#halves), [0.5, 1])
    post({
      kind: 'event',
      event: {
        t: now(),
        kind: 'sensor_timing',
        data: {
          id: this.#opened.spec.kind,
          n: this.#halves.length,
          half_round_trip_p50_ms: p50! / 1e6,
          half_round_trip_max_ms: max! / 1e6,
        },
      },
    })
  }
}

const { opened, channels, unmeasured, warnings } = await openSensors('streaming', specs, {
  host: realHost(),
  options: { watched, self, clock: now },
  ...(wanted ? { wanted } : {}),
})
post({ kind: 'ready', channels, unmeasured, warnings })

const collected = opened.map((sensor) => new Collected(sensor))
for (const sensor of collected) sensor.start()
const flushing = setInterval(flush, 200)

parentPort!.once('message', () => {
  void Promise.all(collected.map((sensor) => sensor.close())).then(() => {
    clearInterval(flushing)
    flush()
    post({ kind: 'stopped', gap_ms: { p50: null, p99: null, max: null }, cpu_s: 0, unmeasured: [] })
    // What a sensor left open may keep the thread: whoever takes this message ends it.
    parentPort!.close()
    return undefined
  })
})
