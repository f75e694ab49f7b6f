// How a user, a terminal or a supervisor asks a verb to end: Ctrl-C, a closed terminal or pipe, `kill`, `timeout`, a service
// manager.
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies readonly NodeJS.Signals[]

/** One request may come twice (`timeout` signals its child, then the group): what comes within this is the same, ms. */
const sameMs = 500

/**
 * Calls `end` at the first request. A second one is for a verb that does not end: the process leaves with 130 at once.
 * @returns takes the listeners off again.
 */
export function onEndRequest(end: () => void): () => void {
  let first: number | undefined
  const listener = (): void => {
    const at = performance.now()
    if (first === undefined) {
      first = at
      end()
    } else if (at - first > sameMs) process.exit(130)
  }
  for (const signal of signals) process.on(signal, listener)
  // Nobody reads what comes: of a verb that shows things as they happen that is the end, too.
  process.stdout.on('error', listener)
  return () => {
    for (const signal of signals) process.off(signal, listener)
    process.stdout.off('error', listener)
  }
}
