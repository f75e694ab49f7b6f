// The collector thread's handle: the streaming sensors (HTTP, child processes), on a thread of their own beside the
// sampler, because what waits for others must not hold up what is paced.
import type { SampleChunk } from '../../run/table.ts'
import type { Occurrence } from '../../run/event.ts'
import type { SensorSpec } from '../../sensors/sensor.ts'
import type { Declared } from './absences.ts'
import { startSensorThread, type SensorThread } from './sensor-thread-handle.ts'
import { closeMs } from './sensor-thread.ts'
import { openMs, type Wanted } from './open-sensors.ts'

export interface CollectorOptions {
  readonly sensors: readonly Declared[]
  readonly epoch: bigint
  readonly wanted?: Wanted
  readonly onSamples: (chunk: SampleChunk) => void
  readonly onEvent: (event: Occurrence) => void
  readonly watched: SharedArrayBuffer
}

export interface CollectorData {
  readonly specs: readonly SensorSpec[]
  readonly epoch: bigint
  readonly wanted?: Wanted
  readonly self: number
  readonly watched: SharedArrayBuffer
}

/** What the thread itself may take beyond the limits of its sensors, ms. */
const graceMs = 500

export async function startCollector(options: CollectorOptions): Promise<SensorThread> {
  const { sensors, epoch, watched, wanted, onSamples, onEvent } = options
  const data: CollectorData = {
    specs: sensors.map(({ spec }) => spec),
    epoch,
    ...(wanted ? { wanted } : {}),
    self: process.pid,
    watched,
  }
  return startSensorThread({
    name: 'collector',
    url: new URL('./collector.worker.js', import.meta.url),
    data,
    sensors,
    readyMs: openMs + graceMs,
    stopMs: closeMs + graceMs,
    onSamples,
    onEvent,
    askToStop: (worker) => worker.postMessage('stop'),
  })
}
