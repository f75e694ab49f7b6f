// The main thread's end of a sensor thread: started, listened to, and stopped within a time limit. A thread that fails or
// hangs becomes rows and events; the run goes on without it.
import { Worker } from 'node:worker_threads'
import type { Channel } from '../../run/channel.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import type { SampleChunk } from '../../run/table.ts'
import type { Occurrence } from '../../run/event.ts'
import type { SamplingGaps, SensorMessage } from './sensor-thread.ts'
import { absences, type Declared } from './absences.ts'

export interface SensorThreadOptions {
  readonly name: 'sampler' | 'collector'
  readonly url: URL
  readonly data: { readonly epoch: bigint }
  /** What it is to open; its specs are in `data` too. */
  readonly sensors: readonly Declared[]
  readonly askToStop: (worker: Worker) => void
  readonly onSamples: (chunk: SampleChunk) => void
  readonly onEvent: (event: Occurrence) => void
  /** From when the thread runs until it must be ready, ms; without it the thread is waited for. */
  readonly readyMs?: number
  /** From being asked to stop until it is ended by force, ms. */
  readonly stopMs: number
}

export interface Stopped {
  readonly gap_ms: SamplingGaps
  readonly cpu_s: number
  /** What the sensors found that they lack while they were read. */
  readonly unmeasured: readonly Unmeasured[]
}

export interface SensorThread {
  readonly channels: readonly Channel[]
  readonly unmeasured: readonly Unmeasured[]
  readonly warnings: readonly string[]
  /** The thread alone does not keep the process alive any more. */
  unref(): void
  stop(): Promise<Stopped>
}

/** How long a thread that has said its last word may take to end by itself, ms. */
const leaveMs = 100

const nothing: Stopped = { gap_ms: { p50: null, p99: null, max: null }, cpu_s: 0, unmeasured: [] }

export function startSensorThread(options: SensorThreadOptions): Promise<SensorThread> {
  const { name, data, sensors } = options
  // The caller's own flags (an inspector, code given on the command line) are not the thread's.
  const worker = new Worker(options.url, { workerData: data, execArgv: [] })
  return new Promise((resolve) => {
    let ended = false
    let stopped: ((stopped: Stopped) => void) | undefined
    let readyTimer: NodeJS.Timeout | undefined
    const stop = async (): Promise<Stopped> => {
      if (ended) return nothing
      // Its last words are waited for.
      worker.ref()
      return new Promise((done) => {
        const force = setTimeout(() => {
          done(nothing)
          note(`the ${name} did not end in time`)
          void worker.terminate()
        }, options.stopMs)
        stopped = (words) => {
          clearTimeout(force)
          done(words)
        }
        options.askToStop(worker)
      })
    }
    const note = (text: string): void =>
      options.onEvent({ t: Number(process.hrtime.bigint() - data.epoch), kind: 'note', data: { text } })
    const unref = (): void => worker.unref()
    const end = (reason: string): void => {
      ended = true
      clearTimeout(readyTimer)
      const rows = sensors.map((sensor) => ({ ...sensor, reason, remedy: '`tailwatt doctor` says what it needs' }))
      // Without effect once it was ready.
      resolve({ channels: [], ...absences(rows), unref, stop })
      stopped?.(nothing)
    }
    worker.on('online', () => {
      if (options.readyMs === undefined || ended) return
      readyTimer = setTimeout(() => {
        end(`the ${name} did not come up within ${options.readyMs! / 1e3} s`)
        void worker.terminate()
      }, options.readyMs)
    })
    worker.on('error', (error) => {
      note(`the ${name} ended: ${error.message}`)
      end(`the ${name} ended: ${error.message}`)
    })
    worker.on('exit', () => {
      // Nobody asked it to.
      if (!ended && !stopped) note(`the ${name} ended: a sensor ended its thread`)
      end(`the ${name} ended`)
    })
    worker.on('message', (message: SensorMessage) => {
      if (message.kind === 'samples') options.onSamples(message.chunk)
      else if (message.kind === 'event') options.onEvent(message.event)
      else if (message.kind === 'stopped') {
        ended = true
        stopped?.(message)
        // Its last message was taken: nothing is lost now with a thread that does not end by itself.
        setTimeout(() => void worker.terminate(), leaveMs).unref()
      } else {
        clearTimeout(readyTimer)
        const { channels, unmeasured, warnings } = message
        resolve({ channels, unmeasured, warnings, unref, stop })
      }
    })
  })
}
