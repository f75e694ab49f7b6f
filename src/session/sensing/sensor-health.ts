// What becomes of a sensor that fails, recovers or is lost, as events of the run.
import type { Occurrence } from '../../run/event.ts'

export const garbage = 'it gave a reading that is no number, or of a channel it does not have'

/** Turns outcomes into events: each failure is told once, and so is its end. */
export class SensorHealth {
  readonly #id: string
  readonly #tell: (event: Occurrence<'sensor'>) => void
  #state: 'ok' | 'failing' | 'ended' = 'ok'

  constructor(id: string, tell: (event: Occurrence<'sensor'>) => void) {
    this.#id = id
    this.#tell = tell
  }

  get ended(): boolean {
    return this.#state === 'ended'
  }

  ok(t: number): void {
    if (this.#state === 'failing') this.#turn('ok', 'back', t, 'it reads again')
  }

  failed(t: number, reason: string): void {
    if (this.#state === 'ok') this.#turn('failing', 'failed', t, reason)
  }

  lost(t: number, reason: string): void {
    if (this.#state !== 'ended') this.#turn('ended', 'lost', t, reason)
  }

  #turn(to: 'ok' | 'failing' | 'ended', state: 'back' | 'failed' | 'lost', t: number, reason: string): void {
    this.#state = to
    this.#tell({ t, kind: 'sensor', data: { id: this.#id, state, reason } })
  }
}
