// Hot path. The run's clock for threads that read it thousands of times a second: `process.hrtime.bigint` makes garbage at
// every reading, and a collection in mid-wait is a pause in what is measured. `performance.now` reads the same clock
// (libuv's, CLOCK_MONOTONIC on Linux) as a plain number; only the distance between the two has to be found, once a thread.
const tries = 50

/** Nanoseconds since `epoch` (a reading of `process.hrtime.bigint`), to within the time one reading takes. */
export function clockSince(epoch: bigint): () => number {
  let offset = 0
  let tightest = Number.POSITIVE_INFINITY
  for (let i = 0; i < tries; i++) {
    const before = Number(process.hrtime.bigint() - epoch)
    const at = performance.now() * 1e6
    const after = Number(process.hrtime.bigint() - epoch)
    if (after - before >= tightest) continue
    tightest = after - before
    offset = (before + after) / 2 - at
  }
  return () => performance.now() * 1e6 + offset
}
