// The load host: a child process that holds the engine. Its main thread opens the instances (or the load thread), drains
// their rings to the parent, and ends by itself when the load is over or the parent is gone.
import { Worker } from 'node:worker_threads'
import { toErrorRecord, type ErrorRecord } from '../../base/errors.ts'
import { findTargetProvider } from '../../targets/catalog.ts'
import { Control, allocateControl } from './control.ts'
import type { ColdParts, FromHost, FromThread, HostSettings, ThreadSettings, ToHost } from './protocol.ts'
import type { TargetFacts } from '../../run/manifest.ts'
import { RingReader, allocateRing } from './ring.ts'

const born = process.hrtime.bigint()
const drainMs = 100
const ringRows = 1 << 15
/** From the order to begin until the first planned time: threads wake within it, ns. */
const leadNs = 20e6
/** How long a stopped host waits for its threads before it ends itself, ms. */
const patienceMs = 5000

const send = (message: FromHost): void => {
  if (process.connected) process.send!(message)
}

class LoadHost {
  readonly #settings: HostSettings
  readonly #control: Control
  readonly #threads: Worker[] = []
  readonly #readers: RingReader[] = []
  readonly #drain: NodeJS.Timeout
  #ready = 0
  #ended = 0
  #facts: Partial<TargetFacts> = {}
  #cold: ColdParts | undefined
  #over = false

  constructor(settings: HostSettings, flow: 'blocking' | 'async') {
    this.#settings = settings
    const count = flow === 'blocking' ? settings.instances : 1
    const cells = allocateControl(settings.load.concurrency, count)
    this.#control = new Control(cells)
    const entry = flow === 'blocking' ? './instance.worker.js' : './load.worker.js'
    for (let index = 0; index < count; index++) {
      const ring = allocateRing(ringRows)
      const data: ThreadSettings = { ...settings, index, ring, ...cells }
      const thread = new Worker(new URL(entry, import.meta.url), { workerData: data })
      thread.on('message', (message: FromThread) => this.#hear(message, index))
      thread.on('error', (error) => this.#fail(toErrorRecord(error)))
      this.#threads.push(thread)
      this.#readers.push(new RingReader(ring, index))
    }
    this.#drain = setInterval(() => this.#pass(), drainMs)
  }

  begin(): void {
    this.#control.begin(this.#now() + leadNs)
  }

  pause(): void {
    this.#control.pause()
  }

  resume(): void {
    this.#control.resume()
  }

  stop(): void {
    this.#control.stop()
    setTimeout(() => this.#end(), patienceMs).unref()
  }

  /** The parent is gone: nobody will read what comes now. */
  orphaned(): void {
    this.#control.stop()
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 500)
  }

  #now(): number {
    return Number(process.hrtime.bigint() - this.#settings.epoch)
  }

  #hear(message: FromThread, index: number): void {
    if (message.kind === 'event') send(message)
    else if (message.kind === 'failed') this.#fail(message.error)
    else if (message.kind === 'ready') {
      if (index === 0) {
        this.#facts = message.facts
        this.#cold = message.cold
      }
      if (++this.#ready === this.#threads.length) send({ kind: 'ready', facts: this.#facts, cold: this.#cold! })
    } else if (++this.#ended === this.#threads.length) this.#end()
  }

  #pass(): void {
    this.#readers.forEach((reader, index) => {
      const chunk = reader.drain()
      if (chunk) send({ kind: 'rows', chunk })
      const lost = reader.newlyLost()
      if (lost > 0)
        send({
          kind: 'event',
          event: { recording: 0, t: this.#now(), kind: 'overflow', data: { thread: `instance-${index}`, lost } },
        })
    })
  }

  #fail(error: ErrorRecord): void {
    if (this.#over) return
    this.#over = true
    this.#pass()
    send({ kind: 'failed', error })
    leave(3)
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    clearInterval(this.#drain)
    this.#pass()
    send({ kind: 'ended' })
    leave(0)
  }
}

// Only after the pipe has taken the last message; the engine's threads are not waited for.
function leave(code: number): void {
  if (!process.connected) process.exit(code)
  process.disconnect()
  setTimeout(() => process.exit(code), 50)
}

let host: LoadHost | undefined
// Ctrl-C reaches the whole process group; the parent decides what it means.
process.on('SIGINT', () => undefined)
process.on('disconnect', () => host?.orphaned() ?? process.exit(0))
process.on('message', (message: ToHost) => {
  if (message.kind === 'begin') host?.begin()
  else if (message.kind === 'pause') host?.pause()
  else if (message.kind === 'resume') host?.resume()
  else if (message.kind === 'stop') {
    if (host) host.stop()
    else leave(0)
  } else {
    const { settings } = message
    findTargetProvider(settings.target.kind).then(
      (provider) => {
        host = new LoadHost(settings, provider.flow)
      },
      (error: unknown) => {
        send({ kind: 'failed', error: toErrorRecord(error) })
        leave(3)
      },
    )
  }
})
send({ kind: 'hello', at: born })
