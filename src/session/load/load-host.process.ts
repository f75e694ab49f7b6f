// The load host: a child process that holds the engine. Its main thread opens the instances (or the load thread), drains
// their rings to the parent, and ends when the parent has taken its last message or is gone.
import { Worker } from 'node:worker_threads'
import { toErrorRecord, type ErrorRecord } from '../../base/errors.ts'
import { ignoreGroupSignals } from '../../host/signals.ts'
import { findTargetProvider } from '../../targets/catalog.ts'
import { Control, allocateControl } from './control.ts'
import type { ColdParts, FromHost, FromThread, HostSettings, LastWord, ThreadSettings, ToHost } from './protocol.ts'
import type { Flow, TargetFacts } from '../../run/manifest.ts'
import { RingReader, allocateRing } from './ring.ts'

const born = process.hrtime.bigint()
/** Two thirds of a second of a model of 5 µs: so long a busy host may keep the main thread from its CPU. 88 B each. */
const ringRows = 1 << 17
/** Rings are drained so often that a quarter of the fullest is used in between, within these bounds, ms. */
const drainMs = { least: 5, most: 100, first: 10 }
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
  #drain: NodeJS.Timeout | undefined
  #ready = 0
  readonly #ended = new Set<number>()
  #facts: Partial<TargetFacts> = {}
  #cold: ColdParts | undefined
  /** Set with the last message; from then on nothing more is said. */
  #exitCode: number | undefined

  constructor(settings: HostSettings, flow: Flow) {
    this.#settings = settings
    const count = flow === 'blocking' ? settings.instances : (settings.load.threads ?? 1)
    const cells = allocateControl(settings.load.concurrency, count)
    this.#control = new Control(cells)
    const entry = flow === 'blocking' ? './instance.worker.js' : './load.worker.js'
    for (let index = 0; index < count; index++) {
      const ring = allocateRing(ringRows)
      const data: ThreadSettings = { ...settings, index, ring, ...cells }
      const thread = new Worker(new URL(entry, import.meta.url), { workerData: data })
      thread.on('message', (message: FromThread) => this.#hear(message, index))
      thread.on('error', (error) => this.#fail(toErrorRecord(error)))
      // Its last message comes before its exit: a thread that left without one was ended by the target.
      thread.on('exit', (code) => this.#left(index, code))
      this.#threads.push(thread)
      this.#readers.push(new RingReader(ring, index))
    }
    this.#drainIn(drainMs.first)
  }

  #drainIn(ms: number): void {
    this.#drain = setTimeout(() => {
      const fullest = this.#pass()
      const { least, most } = drainMs
      this.#drainIn(Math.min(most, Math.max(least, (ms * ringRows) / 4 / Math.max(1, fullest))))
    }, ms)
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

  /**
   * The channel is closed. After the last message that is the parent's receipt for everything sent; before it, the parent is
   * gone and nobody reads what comes now.
   */
  disconnected(): void {
    if (this.#exitCode === undefined) {
      this.#control.stop()
      setTimeout(endAtOnce, 500)
    } else if (this.#ended.size === this.#threads.length) process.exit(this.#exitCode)
    else endAtOnce()
  }

  #now(): number {
    return Number(process.hrtime.bigint() - this.#settings.epoch)
  }

  #hear(message: FromThread, index: number): void {
    if (message.kind === 'event') send(message)
    else if (message.kind === 'failed') this.#fail(message.error)
    else if (message.kind === 'ready') {
      if (index === 0) {
        this.#facts = { ...message.facts, ...this.#facts }
        this.#cold = message.cold
      }
      // One thread that stamps for itself is enough for a run of which the kernel does not keep the time.
      if (message.facts.client?.stamps === 'user') this.#facts = { ...this.#facts, client: message.facts.client }
      if (++this.#ready === this.#threads.length) send({ kind: 'ready', facts: this.#facts, cold: this.#cold! })
    } else {
      this.#ended.add(index)
      if (this.#ended.size === this.#threads.length) this.#end()
    }
  }

  #left(index: number, code: number): void {
    if (this.#ended.has(index)) return
    this.#fail({ code: 'target-failed', data: { message: `it ended its thread (exit code ${code})`, remedy: noExit } })
  }

  /** Sends on what the rings hold; gives the number of rows in the fullest. */
  #pass(): number {
    let fullest = 0
    this.#readers.forEach((reader, index) => {
      const chunk = reader.drain()
      if (chunk) send({ kind: 'rows', chunk })
      fullest = Math.max(fullest, chunk?.length ?? 0)
      const lost = reader.newlyLost()
      if (lost > 0)
        send({
          kind: 'event',
          event: { t: this.#now(), kind: 'overflow', data: { thread: `instance-${index}`, lost } },
        })
    })
    return fullest
  }

  #fail(error: ErrorRecord): void {
    this.#close((rows) => ({ kind: 'failed', error, rows }), 3)
  }

  #end(): void {
    this.#close((rows) => ({ kind: 'ended', rows }), 0)
  }

  /** The rows that are left, then the last word; the parent answers it by closing the channel. */
  #close(last: (rows: number) => LastWord, code: number): void {
    if (this.#exitCode !== undefined) return
    this.#exitCode = code
    clearTimeout(this.#drain)
    const rows = this.#readers.reduce((sum, reader) => sum + reader.written, 0)
    this.#pass()
    send(last(rows))
  }
}

/** An ordinary exit waits for every thread, and one in the midst of native code may never come back. */
const endAtOnce = (): void => void process.kill(process.pid, 'SIGKILL')

const noExit = 'Let it return or throw instead of calling process.exit.'

let host: LoadHost | undefined
ignoreGroupSignals()
process.on('disconnect', () => host?.disconnected() ?? process.exit(0))
process.on('message', (message: ToHost) => {
  if (message.kind === 'begin') host?.begin()
  else if (message.kind === 'pause') host?.pause()
  else if (message.kind === 'resume') host?.resume()
  else if (message.kind === 'stop') {
    if (host) host.stop()
    else send({ kind: 'ended', rows: 0 })
  } else {
    const { settings } = message
    findTargetProvider(settings.target.kind).then(
      (provider) => {
        host = new LoadHost(settings, provider.flow)
      },
      (error: unknown) => send({ kind: 'failed', error: toErrorRecord(error), rows: 0 }),
    )
  }
})
send({ kind: 'hello', at: born })
