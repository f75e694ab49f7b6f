// How long threads of this process stood ready to run while others had the CPU: the kernel counts it (second number of
// /proc/<pid>/task/<tid>/schedstat, ns). A burst that had to wait says nothing of the hardware.
import { readFileSync, readdirSync } from 'node:fs'

/** A share of the time of a burst's threads below which a wait does not matter. */
export const quietShare = 0.02

/** ns; NaN where the kernel does not count. */
export const threadWait = (): number => waitOf('/proc/thread-self/schedstat')

/** Of all threads of the process together, ns; NaN where the kernel does not count. */
export function processWait(): number {
  try {
    return readdirSync('/proc/self/task').reduce((sum, thread) => {
      const wait = waitOf(`/proc/self/task/${thread}/schedstat`)
      // A thread that has just ended.
      return Number.isNaN(wait) ? sum : sum + wait
    }, 0)
  } catch {
    return Number.NaN
  }
}

function waitOf(path: string): number {
  try {
    return Number(readFileSync(path, 'latin1').split(' ')[1])
  } catch {
    return Number.NaN
  }
}
