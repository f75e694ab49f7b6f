// What tells a process from one that got the same pid later: its start, its pid namespace, the boot of the machine.
import { readFileSync, readlinkSync } from 'node:fs'

/** Start of a process in ticks since boot; `undefined` when it is not there or only left for its parent to collect. */
export function processStart(pid: number): string | undefined {
  const stat = kernelText(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // proc(5): the name in parentheses may hold anything; state is field 3, starttime field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
}

/** Of this boot of the machine; empty where the kernel does not tell. */
export const bootId = (): string => kernelText('/proc/sys/kernel/random/boot_id')?.trim() ?? ''

/** Pids mean nothing in another namespace. Empty where there are none. */
export function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

function kernelText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
