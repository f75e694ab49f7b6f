// The phases without load: fast readings to learn the sensors, then idle, before the first process of the target is started
// and after the last has ended. Only where a sensor measures power: an estimate from CPU time has no idle worth waiting for.
import { setTimeout as sleep } from 'node:timers/promises'
import { measuresPower } from '../../run/channel.ts'
import type { MeasureContext } from './measure-context.ts'

/** Readings a second while the sensors are learnt, and for how long at most, ms. */
const fastHz = 250
const fastMs = 2000
/** After the load: processes have ended, but sensors still report what was, ms. */
const settleMs = 500

export class Rest {
  readonly #context: MeasureContext
  readonly #now: () => number

  /** `now` gives ns since the run's epoch. */
  constructor(context: MeasureContext, now: () => number) {
    this.#context = context
    this.#now = now
  }

  async before(): Promise<void> {
    if (!this.#wanted) return
    const { sensing, plan } = this.#context
    this.#tell('learning the sensors')
    sensing.burst(fastHz)
    await this.#phase('characterise', Math.min(fastMs, plan.idle / 1e6))
    sensing.burst(0)
    this.#tell('measuring idle power')
    await this.#phase('idle-before', plan.idle / 1e6)
  }

  async after(): Promise<void> {
    if (!this.#wanted) return
    this.#tell('measuring idle power')
    await this.#wait(settleMs)
    await this.#phase('idle-after', this.#context.plan.idle / 1e6)
  }

  get #wanted(): boolean {
    const { sensing, plan, options } = this.#context
    return (
      plan.idle > 0 &&
      options.signal?.aborted !== true &&
      sensing.channels.some((channel) => measuresPower(channel) && channel.origin !== 'replayed')
    )
  }

  /** An interrupted phase has no end, so nothing is concluded from it. */
  async #phase(name: string, ms: number): Promise<void> {
    const { recorder } = this.#context
    recorder.event({ t: this.#now(), kind: 'phase', data: { name, edge: 'begin' } })
    if (await this.#wait(ms)) {
      recorder.event({ t: this.#now(), kind: 'phase', data: { name, edge: 'end' } })
    }
  }

  /** False when it was interrupted. */
  async #wait(ms: number): Promise<boolean> {
    const { signal } = this.#context.options
    try {
      await sleep(ms, undefined, signal ? { signal } : {})
      return true
    } catch {
      // The only rejection of a timer is its signal's abort; the caller looks at that itself.
      return false
    }
  }

  #tell(message: string): void {
    const { options, folder } = this.#context
    options.onProgress?.({ stage: 'idle', folder, message, elapsed_s: 0, sent: 0, failed: 0 })
  }
}
