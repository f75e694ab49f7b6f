// Readings of a value that stands still between two updates: the moments at which it changed.

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
 * A change that follows a repeated reading happened somewhere since: it is stamped half-way. A fall is a reset: what was
 * counted in between nobody knows (NaN), and counting goes on from there.
 */
export class ChangePoints {
  #last: { t: number; value: number; repeated: boolean } | undefined
  /** Added to the device's counter, which starts again from 0 after a reset. */
  #base = 0

  add(t: number, value: number, put: (t: number, value: number) => void): void {
    const last = this.#last
    if (last === undefined) {
      this.#last = { t, value, repeated: false }
      return
    }
    if (value === last.value) {
      this.#last = { t, value, repeated: true }
      return
    }
    if (value > last.value) put(last.repeated ? (last.t + t) / 2 : t, this.#base + value)
    else {
      this.#base += last.value - value
      put(t, Number.NaN)
    }
    this.#last = { t, value, repeated: false }
  }
}
