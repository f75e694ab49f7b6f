// The sampler thread's handle: opens the polled sensors on a thread of their own and passes on what they read. A sensor
// that cannot be opened becomes a row of `unmeasured`; one that fails later becomes an event; the run goes on.
import type { SampleChunk } from '../../run/table.ts'
import type { Occurrence } from '../../run/event.ts'
import type { SensorSpec } from '../../sensors/sensor.ts'
import type { Declared } from './absences.ts'
import type { Wanted } from './open-sensors.ts'
import { startSensorThread, type SensorThread } from './sensor-thread-handle.ts'

export interface SamplerOptions {
  readonly sensors: readonly Declared[]
  readonly hz: number
  readonly epoch: bigint
  readonly wanted?: Wanted
  readonly onSamples: (chunk: SampleChunk) => void
  readonly onEvent: (event: Occurrence) => void
  /** The target's process; see {@link import('../../sensors/sensor.ts').StreamingOptions}. */
  readonly watched: SharedArrayBuffer
}

export interface SamplerData {
  readonly specs: readonly SensorSpec[]
  readonly hz: number
  readonly epoch: bigint
  readonly wanted?: Wanted
  readonly self: number
  /** Int32: [stop flag, Hz of hurried readings or 0]. */
  readonly control: SharedArrayBuffer
  readonly watched: SharedArrayBuffer
}

/** Longer than any sensor takes to read; shorter than a user waits. */
const stopMs = 5000

export interface Sampler extends SensorThread {
  /** Reads power and energy sensors this often, Hz, until called with 0: then all at the usual rate again. */
  burst(hz: number): void
}

export async function startSampler(options: SamplerOptions): Promise<Sampler> {
  const control = new SharedArrayBuffer(8)
  const stopFlag = new Int32Array(control)
  const { sensors, hz, epoch, watched, wanted, onSamples, onEvent } = options
  const data: SamplerData = {
    specs: sensors.map(({ spec }) => spec),
    hz,
    epoch,
    ...(wanted ? { wanted } : {}),
    self: process.pid,
    control,
    watched,
  }
  const thread = await startSensorThread({
    name: 'sampler',
    url: new URL('./sampler.worker.js', import.meta.url),
    data,
    sensors,
    stopMs,
    onSamples,
    onEvent,
    askToStop: () => {
      Atomics.store(stopFlag, 0, 1)
      Atomics.notify(stopFlag, 0)
    },
  })
  return {
    ...thread,
    burst: (hz) => {
      Atomics.store(stopFlag, 1, hz)
      Atomics.notify(stopFlag, 0)
    },
  }
}
