// A load host that measures in bursts, when it is told to: two of them take turns in an experiment.
import { setTimeout as delay } from 'node:timers/promises'
import type { LoadSpec } from '../../load/pacer.ts'
import type { TargetFacts } from '../../run/manifest.ts'
import { quantile } from '../../stats/quantile.ts'
import type { TargetSpec } from '../../targets/target.ts'
import { endHost } from '../load/cold-start.ts'
import { startLoadHost, type LoadHost } from '../load/load-host.ts'

/** What the hosts that take turns have in common. */
export interface TrialOptions {
  readonly targetFacts: TargetFacts
  readonly load: LoadSpec
  readonly signal?: AbortSignal
}

/** A burst is long enough for this many requests, within bounds. */
const burstRequests = 70

const leastBurstMs = 250

const longestBurstMs = 4000

/** The first part of a burst warms caches up, and the other host may still finish its last request. */
const settleShare = 0.2

/** The drain's period and more: until then the last rows of a burst may be on their way. */
export const rowsArriveMs = 300

export interface Window {
  readonly from: number
  readonly to: number
}

/** A load host that works in bursts and is paused in between. */
export class TrialHost {
  readonly #host: LoadHost
  readonly #now: () => number
  #rows: { readonly started: number; readonly done: number }[]
  readonly #stopListening: () => void

  private constructor(
    host: LoadHost,
    now: () => number,
    rows: { readonly started: number; readonly done: number }[],
    stopListening: () => void,
  ) {
    this.#host = host
    this.#now = now
    this.#rows = rows
    this.#stopListening = stopListening
  }

  /** Comes up paused, its first inference done. @throws what the target fails with. */
  static async start(options: TrialOptions, target: TargetSpec): Promise<TrialHost> {
    const { instances, batch } = options.targetFacts
    const epoch = process.hrtime.bigint()
    const rows: { readonly started: number; readonly done: number }[] = []
    const host = startLoadHost({
      target,
      load: { mode: 'closed', concurrency: instances, seed: options.load.seed, pacing: 'sleep' },
      instances,
      batch,
      epoch,
      flow: options.targetFacts.flow,
      onRequests: (chunk) => {
        for (let i = 0; i < chunk.length; i++)
          if (chunk.status[i] === 0) rows.push({ started: chunk.started[i]!, done: chunk.done[i]! })
      },
      onEvent: () => undefined,
    })
    const abort = (): void => host.kill()
    options.signal?.addEventListener('abort', abort, { once: true })
    const stopListening = (): void => options.signal?.removeEventListener('abort', abort)
    try {
      await host.ready
    } catch (error) {
      stopListening()
      await host.ended
      throw error
    }
    await host.pause()
    await host.begin()
    return new TrialHost(host, () => Number(process.hrtime.bigint() - epoch), rows, stopListening)
  }

  /** Works for `ms`; gives the settled part of that time on this host's clock. */
  async burst(ms: number): Promise<Window> {
    await this.#host.resume()
    const from = this.#now()
    await delay(ms)
    const to = this.#now()
    await this.#host.pause()
    return { from: from + settleShare * (to - from), to }
  }

  /** How long a burst must be to hold enough requests: by a first one, which also warms up. */
  async neededMs(): Promise<number> {
    const window = await this.burst(2 * leastBurstMs)
    await delay(rowsArriveMs)
    const service = this.take(window)
    const median = service.length === 0 ? Number.POSITIVE_INFINITY : quantile(service, 0.5) / 1e6
    return Math.min(longestBurstMs, Math.max(leastBurstMs, (burstRequests * median) / (1 - settleShare)))
  }

  /** Service times of the requests that lie within a burst, ns. */
  take({ from, to }: Window): Float64Array {
    return Float64Array.from(
      this.#rows.filter(({ started, done }) => started >= from && done <= to),
      ({ started, done }) => done - started,
    )
  }

  /** Drops the rows so far. */
  forget(): void {
    this.#rows.length = 0
  }

  async end(): Promise<void> {
    this.#stopListening()
    await endHost(this.#host)
  }
}
