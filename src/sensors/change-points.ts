// Readings of what stands still between two updates: the moments at which it changed.
import { Counter } from './unwrapped-counter.ts'

/**
 * Readings that come again are no news. A change that follows a repeated reading happened somewhere since: it is stamped
 * half-way.
 */
export class ChangeTimes<T> {
  #last: { readonly t: number; readonly shown: T; readonly repeated: boolean } | undefined

  /** When what is shown at `t` came up; undefined where it stood there before. */
  of(shown: T, t: number): number | undefined {
    const last = this.#last
    const repeated = last?.shown === shown
    this.#last = { t, shown, repeated }
    if (repeated) return undefined
    return last?.repeated ? (last.t + t) / 2 : t
  }
}

/**
 * A counter with coarse steps, read where it changes: between changes its reading says nothing, and a line drawn through
 * repeated readings would put a whole step's energy into the second in which it showed.
 *
 * ```
 *  true   ╱     read  ┌──   kept  ╱
 *       ╱          ┌──┘         ╱
 *     ╱          ──┘         ╱
 * ```
 *
 * The first reading is no change. A fall is a reset: what was counted in between nobody knows (NaN), and counting goes on
 * from there.
 */
export class ChangePoints {
  readonly #times = new ChangeTimes<number>()
  readonly #counter = new Counter({ start: 'shown' })

  add(t: number, value: number, put: (t: number, value: number) => void): void {
    const changed = this.#times.of(value, t)
    if (changed === undefined) return
    const step = this.#counter.update(value, t)
    if (step === 'first') return
    if (step === 'ok') put(changed, this.#counter.total)
    else put(t, Number.NaN)
  }
}
