// Sockets of TCP, as the direct client makes them.
import { error, family, level, option, pinned, stream, type Libc } from './libc.ts'

/** An address of the server, as the system takes it. */
export interface Destination {
  readonly version: 4 | 6
  readonly address: Buffer
}

const yes = pinned(4)
yes.writeInt32LE(1)

/** @returns a descriptor on its way to be connected, or an errno below zero */
export function startConnecting(libc: Libc, { version, address }: Destination): number {
  const fd = libc.socket(family[version], stream.nonBlocking, 0)
  if (fd < 0) return -libc.errno()
  libc.setsockopt(fd, level.tcp, option.noDelay, yes, 4)
  if (libc.connect(fd, address, address.length) === 0) return fd
  const code = libc.errno()
  if (code === error.inProgress) return fd
  libc.close(fd)
  return -code
}

/** What became of a socket that was on its way. */
export class SocketStatus {
  readonly #value = pinned(4)
  readonly #length = pinned(4)

  /** @returns an errno, 0 for none */
  of(libc: Libc, fd: number): number {
    this.#length.writeUInt32LE(4)
    libc.getsockopt(fd, level.socket, option.error, this.#value, this.#length)
    return this.#value.readInt32LE()
  }
}
