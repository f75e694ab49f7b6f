import { describe, expect, test } from 'vitest'
import { openLibc, pinned, type Libc } from './libc.ts'
import { Poller } from './poller.ts'

const libc = openLibc()
const ns = (): number => performance.now() * 1e6

describe.skipIf(!libc.ok)('waiting', () => {
  const real = libc.ok ? libc.value : ({} as Libc)
  test.each([
    ['by epoll_pwait2', real],
    ['by a timer, where the system has no such call', { ...real, epoll_pwait2: undefined }],
    ['by a timer, where the system refuses the call', { ...real, epoll_pwait2: () => -1, errno: () => 38 }],
  ])('%s lasts as long as it was told, and not twice', (_, given) => {
    const poller = new Poller(given)
    for (const wait of [0, 50_000, 3e6, 1.2e6]) {
      const from = ns()
      let told = 0
      // The timer of a wait before may still have something to say.
      do {
        const count = poller.wait(Math.max(0, wait - (ns() - from)))
        for (let i = 0; i < count; i++) if (poller.isOwn(poller.fd(i))) told++
      } while (ns() - from < wait)
      expect(told).toBeLessThan(3)
      expect(ns() - from).toBeGreaterThanOrEqual(wait)
      expect(ns() - from).toBeLessThan(wait + 500e6)
    }
    poller.close()
  })

  test('memory that the system writes to stays where it is', () => {
    const bytes = pinned(16)
    const address = real.address(bytes)
    for (let i = 0; i < 1e5; i++) void { i }
    expect(real.address(bytes)).toBe(address)
  })
})
