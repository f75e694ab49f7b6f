// The parent's handle of the load host. Turns its messages into rows, events and promises; a host that ends without being
// asked to, or without saying so, is a crash.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { TailwattError, describeError, fromErrorRecord } from '../../base/errors.ts'
import type { Redactor } from '../../base/redact-text.ts'
import { engineEnvironment } from '../../host/engine-environment.ts'
import type { Flow, TargetFacts } from '../../run/manifest.ts'
import type { RequestChunk } from '../../run/table.ts'
import type { EventData, Occurrence } from '../../run/event.ts'
import { targetRedactor } from '../../targets/secrets.ts'
import type { FromHost, HostSettings, ToHost } from './protocol.ts'

export interface LoadHostOptions extends HostSettings {
  readonly flow: Flow
  /** The request's body is no secret: what the target says of it is kept. */
  readonly keepBody?: boolean
  readonly onRequests: (chunk: RequestChunk) => void
  readonly onEvent: (event: Occurrence) => void
}

export interface Ready {
  readonly facts: Partial<TargetFacts>
  readonly cold: Omit<EventData['cold_start'], 'trial'>
}

export interface LoadHost {
  readonly pid: number
  /** Rejects with what the target failed with. */
  readonly ready: Promise<Ready>
  begin(): Promise<void>
  /** Blocking targets: requests in flight end, no other begins until `resume`. May be called before `begin`. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Asks it to finish the requests in flight and end. */
  stop(): Promise<void>
  kill(): void
  /** Resolves when the process is gone and its last rows were taken. */
  readonly ended: Promise<HostEnd>
}

export interface HostEnd {
  readonly exit: EventData['host_exit']
  /** How an end that was not asked for came about: what the target failed with, else the exit and the engine's last line. */
  readonly cause: string
}

/** A collection of the client's garbage is a pause in what it measures: room for 16 MB makes one of dozens. */
const clientHeap = ['--min-semi-space-size=16']
/** The engine's own messages kept for the case of a crash. */
const keptStderr = 2000

export function startLoadHost(options: LoadHostOptions): LoadHost {
  const spawned = process.hrtime.bigint()
  const child = fork(fileURLToPath(new URL('./load-host.process.js', import.meta.url)), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: engineEnvironment(),
    // The parent's inspector and test flags are not the target's.
    execArgv: options.flow === 'blocking' ? [] : clientHeap,
  })
  // All that the target and its engine say enters here. Made when they say something: not while the child starts.
  let made: Redactor | undefined
  const redactor = (): Redactor => (made ??= targetRedactor(options.target, options.keepBody))
  let stderr = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-keptStderr)))
  let expected = false
  let running = false
  let failure: string | undefined
  let rows = 0
  let hello = Number.NaN
  let settleReady: { resolve(ready: Ready): void; reject(error: unknown): void }
  const ready = new Promise<Ready>((resolve, reject) => (settleReady = { resolve, reject }))
  // Whoever waits for `ended` only must not meet an unhandled rejection.
  ready.catch(() => undefined)
  child.on('message', (message: FromHost) => {
    if (message.kind === 'rows') {
      rows += message.chunk.length
      options.onRequests(message.chunk)
    } else if (message.kind === 'event')
      options.onEvent(isError(message.event) ? withoutSecrets(message.event, redactor()) : message.event)
    else if (message.kind === 'hello') hello = Number(message.at - spawned) / 1e6
    else if (message.kind === 'ready') {
      running = true
      settleReady.resolve({ facts: redactor().data(message.facts), cold: { process_ms: hello, ...message.cold } })
    } else {
      if (message.kind === 'ended') expected = true
      else {
        // Before it was ready the caller hears of it there; in mid-run it is a target that failed.
        expected = !running
        const { code, data } = message.error
        const error = fromErrorRecord({ code, data: redactor().data(data) })
        failure = describeError(error).title
        settleReady.reject(error)
      }
      if (message.rows > rows) options.onEvent(lostOnTheWay(message.rows - rows, options.epoch))
      // All that it said was taken, in order: closing the channel is the receipt it waits for.
      if (child.connected) child.disconnect()
    }
  })
  const ended = new Promise<HostEnd>((resolve) => {
    let exit: { code: number | null; signal: string | null } | undefined
    let closed = false
    const settle = (): void => {
      if (exit && closed)
        resolve({ exit: { ...exit, expected }, cause: failure ?? exitCause(exit, redactor().text(stderr)) })
    }
    child.on('error', (error) => {
      settleReady.reject(new TailwattError('target-crashed', { message: error.message }))
      resolve({ exit: { code: null, signal: null, expected }, cause: redactor().text(error.message) })
    })
    // The last messages may come after the exit: the channel's end says that there are no more.
    child.on('disconnect', () => {
      closed = true
      settle()
    })
    child.on('exit', (code, signal) => {
      exit = { code, signal }
      if (!child.connected) closed = true
      settleReady.reject(new TailwattError('target-crashed', { message: exitCause(exit, redactor().text(stderr)) }))
      settle()
    })
  })
  const tell = (message: ToHost): Promise<void> =>
    new Promise((resolve, reject) => {
      if (!child.connected) resolve()
      else child.send(message, (error) => (error ? reject(error) : resolve()))
    })
  const { target, load, instances, batch, epoch } = options
  tell({ kind: 'open', settings: { target, load, instances, batch, epoch } }).catch((error: unknown) =>
    settleReady.reject(error),
  )
  return {
    pid: child.pid ?? 0,
    ready,
    begin: () => tell({ kind: 'begin' }),
    pause: () => tell({ kind: 'pause' }),
    resume: () => tell({ kind: 'resume' }),
    stop: () => tell({ kind: 'stop' }),
    kill: () => {
      expected = true
      child.kill('SIGKILL')
    },
    ended,
  }
}

/** Rows that the host's threads wrote and nobody got. */
const lostOnTheWay = (lost: number, epoch: bigint): Occurrence<'overflow'> => ({
  t: Number(process.hrtime.bigint() - epoch),
  kind: 'overflow',
  data: { thread: 'load host', lost },
})

const isError = (event: Occurrence): event is Occurrence<'error'> => event.kind === 'error'

const withoutSecrets = (event: Occurrence<'error'>, redactor: Redactor): Occurrence<'error'> => ({
  ...event,
  data: { ...event.data, message: redactor.text(event.data.message) },
})

function exitCause({ code, signal }: Omit<EventData['host_exit'], 'expected'>, stderr: string): string {
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`
  const last = stderr.trim().split('\n').at(-1)?.slice(0, 200)
  return last ? `${how}: ${last}` : how
}
