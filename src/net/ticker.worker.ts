// Sleeps until the time it was told and posts a message: Atomics.wait is finer than the event loop's timers, which count
// in milliseconds. Told a new time meanwhile, it takes that.
import { parentPort, workerData } from 'node:worker_threads'
import { clockSince } from '../host/clock.ts'

const { cells, epoch } = workerData as { readonly cells: SharedArrayBuffer; readonly epoch: bigint }
const armed = new Int32Array(cells, 0, 1)
const at = new Float64Array(cells, 8, 1)
const now = clockSince(epoch)

for (let seen = 0; ;) {
  Atomics.wait(armed, 0, seen)
  seen = Atomics.load(armed, 0)
  for (;;) {
    const left = at[0]! - now()
    if (left <= 0) break
    // Woken early only by a new time.
    Atomics.wait(armed, 0, seen, left / 1e6)
    seen = Atomics.load(armed, 0)
  }
  parentPort!.postMessage(0)
}
