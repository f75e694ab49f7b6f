// Whether the kernel's stamps can be trusted on this host: bytes sent to oneself must be stamped after they were sent and
// before they were seen.
import { setTimeout as sleep } from 'node:timers/promises'
import { fail, ok, type Result } from '../../base/result.ts'
import { family, pinned, quietly, socketAddress, stream, type Libc } from './libc.ts'
import { Receiver } from './receiver.ts'
import type { WallClock } from './wall-clock.ts'

/** The kernel begins to stamp some time after it was asked to: 3 … 12 ms were seen on a busy host, ms. */
const patience = 300
const enough = 10
/** Two clocks are compared, ns. */
const slack = 5_000

/** Keeps the kernel stamping: it ends when the last socket that asked for it is gone. */
export interface Stamping {
  close(): void
}

/** @returns why the stamps are of no use, as a clause */
export async function testStamps(libc: Libc, clock: WallClock, now: () => number): Promise<Result<Stamping, string>> {
  const pair = connected(libc)
  if (!pair) return fail('no connection to this host itself could be made')
  const fault = await faultOf(libc, pair, clock, now)
  if (fault === undefined) return ok(pair)
  pair.close()
  return fail(fault)
}

async function faultOf(libc: Libc, pair: Pair, clock: WallClock, now: () => number): Promise<string | undefined> {
  const receiver = new Receiver(libc, clock)
  receiver.watch(pair.to)
  const byte = pinned(1)
  const until = now() + patience * 1e6
  let stamped = 0
  while (stamped < enough) {
    const before = now()
    libc.send(pair.from, byte, 1, quietly)
    const length = receiver.read(pair.to)
    const after = now()
    if (length !== 1) return 'bytes sent to this host itself did not come'
    if (Number.isNaN(receiver.stamp)) {
      if (after > until) return 'the kernel stamps nothing that it receives'
      await sleep(1)
    } else if (receiver.stamp < before - slack || receiver.stamp > after + slack)
      return 'the kernel’s stamps lie outside the time between sending and seeing'
    else stamped++
  }
  return undefined
}

interface Pair extends Stamping {
  readonly from: number
  readonly to: number
}

function connected(libc: Libc): Pair | undefined {
  const address = socketAddress('127.0.0.1', 4, 0)
  const size = pinned(4)
  size.writeUInt32LE(16)
  const open: number[] = []
  const close = (): void => open.splice(0).forEach((fd) => libc.close(fd))
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
