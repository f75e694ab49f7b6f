// The sampler thread's handle: opens the polled sensors on a thread of their own and passes on what they read. A sensor
// that cannot be opened becomes a row of `unmeasured`; one that fails later becomes an event; the run goes on.
import { Worker } from 'node:worker_threads'
import type { Channel } from '../run/channel.ts'
import type { Unmeasured } from '../run/manifest.ts'
import type { RunEvent, SampleChunk } from '../run/table.ts'
import type { SensorSpec } from '../sensors/sensor.ts'

export interface SamplerOptions {
  readonly specs: readonly SensorSpec[]
  readonly hz: number
  readonly epoch: bigint
  readonly onSamples: (chunk: SampleChunk) => void
  readonly onEvent: (event: RunEvent) => void
}

export interface SamplingGaps {
  readonly p50: number | null
  readonly p99: number | null
  readonly max: number | null
}

export interface Sampler {
  readonly channels: readonly Channel[]
  readonly unmeasured: readonly Unmeasured[]
  /** The target's process, once it is known. */
  watch(pid: number): void
  /** Reads power and energy sensors this often, Hz, until called with 0: then all at the usual rate again. */
  hurry(hz: number): void
  stop(): Promise<{ readonly gap_ms: SamplingGaps; readonly cpu_s: number }>
}

/** Messages from the sampler thread. */
export type SamplerMessage =
  | { readonly kind: 'ready'; readonly channels: readonly Channel[]; readonly unmeasured: readonly Unmeasured[] }
  | { readonly kind: 'samples'; readonly chunk: SampleChunk }
  | { readonly kind: 'event'; readonly event: RunEvent }
  | { readonly kind: 'stopped'; readonly gap_ms: SamplingGaps; readonly cpu_s: number }

export interface SamplerData {
  readonly specs: readonly SensorSpec[]
  readonly hz: number
  readonly epoch: bigint
  readonly self: number
  /** Int32: [stop flag, Hz of hurried readings or 0]. */
  readonly control: SharedArrayBuffer
  readonly watched: SharedArrayBuffer
}

export async function startSampler(options: SamplerOptions): Promise<Sampler> {
  const control = new SharedArrayBuffer(8)
  const watched = new SharedArrayBuffer(4)
  const stopFlag = new Int32Array(control)
  const data: SamplerData = {
    specs: options.specs,
    hz: options.hz,
    epoch: options.epoch,
    self: process.pid,
    control,
    watched,
  }
  const worker = new Worker(new URL('./sampler.worker.js', import.meta.url), {
    workerData: data,
    // The caller's own flags (an inspector, code given on the command line) are not the thread's.
    execArgv: [],
  })
  return new Promise((resolve, reject) => {
    let stopped: ((gaps: { gap_ms: SamplingGaps; cpu_s: number }) => void) | undefined
    const nothing = { gap_ms: { p50: null, p99: null, max: null }, cpu_s: 0 }
    worker.on('error', (error) => {
      // A thread that fails ends the sampling, never the run.
      const note = {
        recording: 0,
        t: Number(process.hrtime.bigint() - options.epoch),
        kind: 'note',
        data: { text: `the sampler ended: ${error.message}` },
      } as const
      options.onEvent(note)
      if (stopped) stopped(nothing)
      else reject(error)
    })
    worker.on('exit', () => stopped?.(nothing))
    worker.on('message', (message: SamplerMessage) => {
      if (message.kind === 'samples') options.onSamples(message.chunk)
      else if (message.kind === 'event') options.onEvent(message.event)
      else if (message.kind === 'stopped') stopped?.(message)
      else
        resolve({
          channels: message.channels,
          unmeasured: message.unmeasured,
          hurry: (hz) => {
            Atomics.store(stopFlag, 1, hz)
            Atomics.notify(stopFlag, 0)
          },
          watch: (pid) => void Atomics.store(new Int32Array(watched), 0, pid),
          stop: async () => {
            const ended = new Promise<{ gap_ms: SamplingGaps; cpu_s: number }>((done) => (stopped = done))
            Atomics.store(stopFlag, 0, 1)
            Atomics.notify(stopFlag, 0)
            return ended
          },
        })
    })
  })
}
