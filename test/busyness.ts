// Whether the machine had time for a test: the share of a span in which some task was ready and had no CPU. What must be right
// to a tenth of a millisecond cannot be shown while others have the CPUs.
import { readFileSync } from 'node:fs'
import type { TestContext } from 'vitest'

/** µs since boot in which some task waited for a CPU (Documentation/accounting/psi.rst); `undefined` where the kernel counts none. */
function waitedUs(): number | undefined {
  try {
    return Number(/^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'latin1'))?.[1])
  } catch {
    return undefined
  }
}

/** Share of the time of `work` in which some task waited, 0 to 1; 0 where that is not known. */
export async function withWaiting<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const before = waitedUs()
  const from = performance.now()
  const result = await work()
  const after = waitedUs()
  const share = before === undefined || after === undefined ? 0 : (after - before) / 1e3 / (performance.now() - from)
  return [result, share]
}

/** Skips a test that failed at the machine's limits, with the reason printed. */
export function skipBusy(context: TestContext, share: number): void {
  const reason = `the machine was busy: in ${Math.round(share * 100)} % of the time some task waited for a CPU`
  process.stderr.write(`skipped: ${context.task.name}: ${reason}\n`)
  context.skip(reason)
}
