// The kernel stamps what it receives by the wall clock; a run has the monotonic one. Both are slewed alike, so their distance stays
// what it is until the wall clock is set; then it jumps. It is found between two readings of the run's clock.
import { clockId, error, pinned, type Libc } from './libc.ts'

/** Readings of which the tightest counts. */
const tries = { first: 20, later: 3 }
/** What two distances may differ by though nobody set the clock, ns: a thread may lose its CPU between readings. */
const slack = 20_000

export class WallClock {
  readonly #libc: Pick<Libc, 'clock_gettime'>
  readonly #now: () => number
  readonly #time = pinned(16)
  readonly #view = new DataView(this.#time.buffer)
  /** Whole seconds at the beginning, so that nanoseconds of today stay exact. */
  readonly #base: number
  /** Wall time since `base`, minus run time, ns; and how far apart the readings around it were. */
  #offset: number
  #tightness: number
  /** When the clock was last found set, ns on the run's clock; nothing stamped before can be told. */
  steppedAt: number = Number.NEGATIVE_INFINITY
  steps = 0

  /** @param now ns on the run's clock */
  constructor(libc: Pick<Libc, 'clock_gettime'>, now: () => number) {
    this.#libc = libc
    this.#now = now
    this.#read()
    this.#base = Number(this.#view.getBigInt64(0, true))
    const { distance, tightness } = this.#measure(tries.first)
    this.#offset = distance
    this.#tightness = tightness
  }

  /** ns on the run's clock of a stamp. */
  at(seconds: number, nanoseconds: number): number {
    return (seconds - this.#base) * 1e9 + nanoseconds - this.#offset
  }

  /** Whether the wall clock was set since the last look: then the distance is found anew. */
  look(): boolean {
    const { distance, tightness } = this.#measure(tries.later)
    const stepped = Math.abs(distance - this.#offset) > slack + tightness
    if (stepped) {
      this.steppedAt = this.#now()
      this.steps++
    }
    if (stepped || tightness < this.#tightness) {
      this.#offset = distance
      this.#tightness = tightness
    }
    return stepped
  }

  #measure(count: number): { readonly distance: number; readonly tightness: number } {
    let distance = 0
    let tightness = Number.POSITIVE_INFINITY
    for (let i = 0; i < count; i++) {
      const before = this.#now()
      this.#read()
      const after = this.#now()
      if (after - before >= tightness) continue
      tightness = after - before
      const seconds = Number(this.#view.getBigInt64(0, true))
      distance = (seconds - this.#base) * 1e9 + this.#view.getInt32(8, true) - (before + after) / 2
    }
    return { distance, tightness }
  }

  #read(): void {
    this.#libc.clock_gettime(clockId.real, this.#time)
  }
}

const nonBlocking = 0x80800
/** TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET. */
const untilSet = 3
/** A time that never comes, s. */
const never = 2n ** 40n

/** A descriptor that has something to read once the wall clock was set. */
export class ClockAlarm {
  readonly #libc: Libc
  readonly fd: number
  readonly #setting = pinned(32)
  readonly #count = pinned(8)

  constructor(libc: Libc) {
    this.#libc = libc
    this.fd = libc.timerfd_create(clockId.real, nonBlocking)
    this.#setting.writeBigInt64LE(never, 16)
    this.#arm()
  }

  /** Whether the clock was set since the last call. */
  take(): boolean {
    const set = this.#libc.read(this.fd, this.#count, 8) < 0 && this.#libc.errno() === error.cancelled
    if (set) this.#arm()
    return set
  }

  close(): void {
    this.#libc.close(this.fd)
  }

  #arm(): void {
    this.#libc.timerfd_settime(this.fd, untilSet, this.#setting, null)
  }
}
