import { expect, test } from 'vitest'
import { clockSince } from './clock.ts'

test('is the same clock as process.hrtime, from the epoch on', () => {
  const epoch = process.hrtime.bigint() - 5_000_000_000n
  const now = clockSince(epoch)
  const off: number[] = []
  for (let i = 0; i < 200; i++) {
    const before = Number(process.hrtime.bigint() - epoch)
    const at = now()
    const after = Number(process.hrtime.bigint() - epoch)
    // How far it lies outside the two readings around it, ns.
    off.push(Math.max(0, before - at, at - after))
  }
  off.sort((a, b) => a - b)
  expect(off[100]).toBeLessThan(1000)
})
