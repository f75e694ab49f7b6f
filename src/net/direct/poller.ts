// Hot path. Waits on many descriptors at once, to the nanosecond where the system can: `epoll_pwait2`, else `epoll_wait` beside
// a timer that is one of the descriptors.
import { clockId, error, pinned, type Libc } from './libc.ts'

export const readable = 0x1
export const writable = 0x4
/** EPOLLERR, EPOLLHUP: told whether asked for or not. */
export const broken = 0x18

const add = 1
const remove = 2
const modify = 3
const closeOnExec = 0x80000
const mostEvents = 1024
/** `struct epoll_event` is packed on x64 only. */
const eventBytes = process.arch === 'x64' ? 12 : 16
const dataAt = process.arch === 'x64' ? 4 : 8

export class Poller {
  readonly #libc: Libc
  readonly #fd: number
  readonly #events = pinned(mostEvents * eventBytes)
  readonly #view = new DataView(this.#events.buffer)
  readonly #one = pinned(eventBytes)
  readonly #timeout = pinned(16)
  readonly #timer: Timer | undefined

  constructor(libc: Libc) {
    this.#libc = libc
    this.#fd = libc.epoll_create1(closeOnExec)
    // Timers of this thread may be late by 50 µs else.
    libc.prctl(29 /* PR_SET_TIMERSLACK */, 1, 0, 0, 0)
    if (this.#exact(0) >= 0) return
    this.#timer = new Timer(libc)
    this.add(this.#timer.fd, readable)
  }

  add(fd: number, events: number): void {
    this.#control(add, fd, events)
  }
  modify(fd: number, events: number): void {
    this.#control(modify, fd, events)
  }
  remove(fd: number): void {
    this.#control(remove, fd, 0)
  }

  /** Number of descriptors with something to tell, at once or within `ns`. */
  wait(ns: number): number {
    const timer = this.#timer
    if (!timer) return Math.max(0, this.#exact(ns))
    if (ns > 0) timer.arm(ns)
    // The timer ends the wait; the milliseconds are a net below it.
    const found = this.#libc.epoll_wait(this.#fd, this.#events, mostEvents, ns > 0 ? Math.ceil(ns / 1e6) + 1 : 0)
    return Math.max(0, found)
  }

  fd(i: number): number {
    return this.#view.getInt32(i * eventBytes + dataAt, true)
  }
  events(i: number): number {
    return this.#view.getUint32(i * eventBytes, true)
  }

  /** Whether a descriptor is the poller's own, with nothing to tell. */
  isOwn(fd: number): boolean {
    return fd === this.#timer?.fd && this.#timer.take()
  }

  close(): void {
    this.#timer?.close()
    this.#libc.close(this.#fd)
  }

  /** -1 where the system has no such call. */
  #exact(ns: number): number {
    const wait = this.#libc.epoll_pwait2
    if (!wait) return -1
    this.#timeout.writeBigInt64LE(BigInt(Math.floor(ns / 1e9)), 0)
    this.#timeout.writeInt32LE(Math.floor(ns % 1e9), 8)
    const found = wait(this.#fd, this.#events, mostEvents, this.#timeout, null)
    return found < 0 && this.#libc.errno() === error.interrupted ? 0 : found
  }

  #control(operation: number, fd: number, events: number): void {
    this.#one.writeUInt32LE(events, 0)
    this.#one.writeInt32LE(fd, dataAt)
    this.#libc.epoll_ctl(this.#fd, operation, fd, this.#one)
  }
}

class Timer {
  readonly #libc: Libc
  readonly fd: number
  readonly #setting = pinned(32)
  readonly #count = pinned(8)

  constructor(libc: Libc) {
    this.#libc = libc
    this.fd = libc.timerfd_create(clockId.monotonic, 0x800 | closeOnExec)
  }

  arm(ns: number): void {
    this.#setting.writeBigInt64LE(BigInt(Math.floor(ns / 1e9)), 16)
    this.#setting.writeBigInt64LE(BigInt(Math.max(1, Math.floor(ns % 1e9))), 24)
    this.#libc.timerfd_settime(this.fd, 0, this.#setting, null)
  }

  take(): true {
    this.#libc.read(this.fd, this.#count, 8)
    return true
  }

  close(): void {
    this.#libc.close(this.fd)
  }
}
