// Whether the kernel's stamps can be trusted on this host: bytes sent to oneself must be stamped after they were sent and
// before they were seen.
import { fail, ok, type Result } from '../../base/result.ts'
import { family, pinned, quietly, socketAddress, stream, type Libc } from './libc.ts'
import { Receiver } from './receiver.ts'
import type { WallClock } from './wall-clock.ts'

/** Stamping begins some time after it was asked for. */
const tries = 200
const enough = 10
/** Two clocks are compared, ns. */
const slack = 5_000

/** @returns how many of the messages were stamped, or why the stamps are of no use */
export function testStamps(libc: Libc, clock: WallClock, now: () => number): Result<number, string> {
  const pair = connected(libc)
  if (!pair) return fail('no connection to this host itself could be made')
  try {
    const receiver = new Receiver(libc, clock)
    receiver.watch(pair.to)
    const byte = pinned(1)
    let stamped = 0
    for (let i = 0; i < tries && stamped < enough; i++) {
      const before = now()
      libc.send(pair.from, byte, 1, quietly)
      const length = receiver.read(pair.to)
      const after = now()
      if (length !== 1) return fail('bytes sent to this host itself did not come')
      if (Number.isNaN(receiver.stamp)) continue
      if (receiver.stamp < before - slack || receiver.stamp > after + slack)
        return fail('the kernel’s stamps lie outside the time between sending and seeing')
      stamped++
    }
    return stamped < enough ? fail('the kernel stamps nothing that it receives') : ok(stamped)
  } finally {
    pair.close()
  }
}

interface Pair {
  readonly from: number
  readonly to: number
  close(): void
}

function connected(libc: Libc): Pair | undefined {
  const address = socketAddress('127.0.0.1', 4, 0)
  const size = pinned(4)
  size.writeUInt32LE(16)
  const open: number[] = []
  const close = (): void => open.forEach((fd) => libc.close(fd))
  const taken = (fd: number): number => (fd >= 0 && open.push(fd), fd)
  const listener = taken(libc.socket(family[4], stream.blocking, 0))
  const from = taken(libc.socket(family[4], stream.blocking, 0))
  const to =
    libc.bind(listener, address, 16) === 0 &&
    libc.listen(listener, 1) === 0 &&
    libc.getsockname(listener, address, size) === 0 &&
    libc.connect(from, address, 16) === 0
      ? taken(libc.accept4(listener, null, null, 0x80000))
      : -1
  if (to >= 0) return { from, to, close }
  close()
  return undefined
}
