import { describe, expect, test } from 'vitest'
import type { LoadSpec } from '../../load/pacer.ts'
import type { Outcome } from '../../targets/target.ts'
import type { Carrier } from './carrier.ts'
import { allocateRing, RingReader, RingWriter } from './ring.ts'
import { partOf, Sender } from './sender.ts'
import type { Slot } from './slot.ts'
import type { ThreadAccount } from './thread-account.ts'

/** A clock that moves by 1 µs a reading, and a carrier that does with each slot what it is told. */
function rig(load: Partial<LoadSpec>, does: (slot: Slot, end: () => void) => void, burst = 2, threads = 1) {
  let at = 0
  const now = (): number => (at += 1000)
  let ids = 0
  const ring = allocateRing(1 << 14)
  const outcome: Outcome = { status: 0, sizeIn: 0, sizeOut: 0, engine: Number.NaN }
  const carrier = {
    burst: { open: burst, closed: burst },
    send: (slot: Slot) => {
      slot.begin(now())
      does(slot, () => slot.end(now()))
    },
    resend: () => false,
    outcome: () => outcome,
  } as unknown as Carrier
  const make = (index: number): Sender =>
    new Sender({
      carrier,
      load: { mode: 'closed', concurrency: 4, seed: 1, pacing: 'sleep', ...load },
      threads,
      index,
      nextId: () => ids++,
      batch: 1,
      begin: 0,
      now,
      ring: new RingWriter(ring),
      account: { error: () => undefined } as unknown as ThreadAccount,
    })
  const rows = (): readonly number[] => [...(new RingReader(ring, 0).drain()?.id ?? [])]
  return { make, rows, pass: (ns: number): void => void (at += ns) }
}

describe('a sender', () => {
  test('sends no more than a burst between two looks, in either loop', () => {
    const sent: number[] = []
    const { make } = rig({ requests: 100 }, ({ id }) => sent.push(id))
    const closed = make(0)
    expect(closed.pump()).toBeLessThan(1e9)
    expect(sent).toEqual([0, 1])
    closed.pump()
    expect(sent).toEqual([0, 1, 2, 3])
    expect(closed.pump()).toBe(Number.POSITIVE_INFINITY)
    const open = rig({ mode: 'open', rate: 1e6, arrivals: 'constant', requests: 100, concurrency: 50 }, () => undefined)
    const sender = open.make(0)
    open.pass(20e3)
    sender.pump()
    expect(sender.moves).toBe(2)
  })

  test('comes back though every request fails at once', () => {
    const { make, rows } = rig({ requests: 1000 }, (_, end) => end())
    const sender = make(0)
    let pumps = 0
    for (; !sender.over; pumps++) sender.pump()
    expect(pumps).toBeGreaterThanOrEqual(500)
    expect(rows()).toEqual(Array.from({ length: 1000 }, (_, i) => i))
  })

  test('of several threads takes the next number in closed loop, and every so many-th in open loop', () => {
    const closed = rig({ requests: 9, concurrency: 3 }, (_, end) => end(), 2, 2)
    const [a, b] = [closed.make(0), closed.make(1)]
    while (!a.over) a.pump()
    while (!b.over) b.pump()
    expect(closed.rows()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    const open = rig({ mode: 'open', rate: 1e6, arrivals: 'constant', requests: 9 }, (_, end) => end(), 2, 2)
    const odd = open.make(1)
    open.pass(1e6)
    while (!odd.over) odd.pump()
    expect(open.rows()).toEqual([1, 3, 5, 7])
  })

  test('writes a row for what it gives up, once, whatever comes later', () => {
    const late: (() => void)[] = []
    const { make, rows } = rig({ requests: 10, concurrency: 2 }, (_, end) => late.push(end))
    const sender = make(0)
    sender.pump()
    sender.stop()
    expect(sender.over).toBe(false)
    sender.giveUp()
    expect(sender.over).toBe(true)
    for (const end of late) end()
    expect(rows()).toEqual([0, 1])
  })
})

test('parts of a whole add up to it', () => {
  for (const [whole, threads] of [
    [5, 3],
    [1, 4],
    [0, 2],
    [7, 1],
  ] as const)
    expect(Array.from({ length: threads }, (_, i) => partOf(whole, threads, i)).reduce((a, b) => a + b)).toBe(whole)
})
