// How often a sensor updates and is read, from its readings as they come: known better with time, of bounded memory.
import { changesOf } from '../channels/sensor-character.ts'

/** Readings after which the period is looked for, the last again and again. The first tell how often it is read. */
const looks = [4, 8, 20, 40, 80, 160, 320]
const most = looks.at(-1)!

export class SeenPeriod {
  readonly #t = new Float64Array(most)
  readonly #value = new Float64Array(most)
  #length = 0
  #period: number | undefined
  #poll: number

  /** @param poll ns between readings, until they are seen */
  constructor(poll: number) {
    this.#poll = poll
  }

  /** ns; `undefined` while the readings do not tell. */
  get period(): number | undefined {
    return this.#period
  }
  /** Median distance of readings, ns. */
  get poll(): number {
    return this.#poll
  }

  add(t: number, value: number): void {
    this.#t[this.#length] = t
    this.#value[this.#length++] = value
    if (!looks.includes(this.#length)) return
    const seen = changesOf({ t: this.#t.subarray(0, this.#length), value: this.#value.subarray(0, this.#length) })
    if (seen.period !== null) this.#period = seen.period * 1e6
    if (seen.poll !== null) this.#poll = seen.poll * 1e6
    if (this.#length === most) this.#length = 0
  }
}
