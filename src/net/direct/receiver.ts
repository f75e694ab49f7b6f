// Hot path. Reads from sockets into one buffer, with the time at which the kernel had the last of the bytes read.
import type { Exchange } from '../client.ts'
import { level, option, pinned, type Libc } from './libc.ts'
import type { WallClock } from './wall-clock.ts'

const bufferBytes = 1 << 16
const controlBytes = 64
/** `struct cmsghdr` and what follows it. */
const stampBytes = 32
/** A stamp may lie outside the times around it by what the two clocks are known to, ns. */
const slack = 5_000
const yes = pinned(4)
yes.writeInt32LE(1)

export class Receiver {
  readonly #libc: Libc
  readonly #clock: WallClock | undefined
  readonly #iovec = pinned(16)
  readonly #control = pinned(controlBytes)
  readonly #controlView = new DataView(this.#control.buffer)
  readonly #message = pinned(56)
  readonly #messageView = new DataView(this.#message.buffer)
  /** What was read last; overwritten by the next reading. */
  readonly bytes: Buffer<ArrayBuffer> = pinned(bufferBytes)
  /** When the kernel had it, ns on the run's clock; NaN where it does not say. */
  stamp: number = Number.NaN

  /** @param clock without one nothing is stamped */
  constructor(libc: Libc, clock: WallClock | undefined) {
    this.#libc = libc
    this.#clock = clock
    this.#iovec.writeBigUInt64LE(libc.address(this.bytes), 0)
    this.#iovec.writeBigUInt64LE(BigInt(bufferBytes), 8)
    this.#message.writeBigUInt64LE(libc.address(this.#iovec), 16)
    this.#message.writeBigUInt64LE(1n, 24)
    if (clock) this.#message.writeBigUInt64LE(libc.address(this.#control), 32)
  }

  /** From now on the kernel stamps what this socket receives. It begins some time later: early bytes may have no stamp. */
  watch(fd: number): void {
    if (this.#clock) this.#libc.setsockopt(fd, level.socket, option.timestampNs, yes, 4)
  }

  /** Bytes read; 0 when the other side closed, below it when there is nothing or it failed (`errno`). */
  read(fd: number): number {
    const clock = this.#clock
    this.stamp = Number.NaN
    if (clock) this.#messageView.setUint32(40, controlBytes, true)
    const length = this.#libc.recvmsg(fd, this.#message, 0)
    if (clock && length > 0 && this.#messageView.getUint32(40, true) >= stampBytes) {
      const view = this.#controlView
      if (view.getInt32(8, true) === level.socket && view.getInt32(12, true) === option.timestampNs)
        this.stamp = clock.at(Number(view.getBigInt64(16, true)), view.getInt32(24, true))
    }
    return length
  }

  /**
   * When what was read last came, ns on the run's clock; sets who says so. What the clocks contradict, or was stamped before the wall
   * clock was set, is not believed.
   * @param seen when we had it
   */
  date(exchange: Exchange, seen: number): number {
    const { stamp } = this
    const { started } = exchange
    const believed =
      stamp >= started - slack && stamp <= seen + slack && started > (this.#clock?.steppedAt ?? Number.NaN)
    exchange.stampedBy = believed ? 'kernel' : 'user'
    return believed ? Math.min(seen, Math.max(started, stamp)) : seen
  }
}
