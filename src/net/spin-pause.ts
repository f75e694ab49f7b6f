// Hot path. What a spinning load thread does between two turns of the event loop.

const paused = new Int32Array(1)

/**
 * About 4 µs in which nothing is allocated. A turn of the loop leaves some 350 B of garbage: turns without pause make a
 * collection of 0.2 ms every 3 ms, and an answer in twelve is seen that much late.
 */
export function pauseBetweenTurns(): void {
  let value = paused[0]!
  for (let i = 0; i < 4000; i++) value = (Math.imul(value, 1_664_525) + 1_013_904_223) | 0
  paused[0] = value
}

/** Until it is compiled a pause takes 0.1 to 1 ms, which is longer than a request may be due by. */
export function compilePause(): void {
  for (let i = 0; i < 500; i++) pauseBetweenTurns()
}
