// What the lines of /proc/stat and /proc/<pid>/stat mean (proc(5)).

import { absent, type Absent } from '../base/absence.ts'
import type { Host } from './host.ts'

/** USER_HZ: fixed at 100 in the kernel's interface to programs. */
const ticksPerSecond = 100

/** Seconds all CPUs together were busy (steal and waiting for disks are not busy), and stolen; undefined for what is no such line. */
export function hostTimes(stat: string): { readonly busy: number; readonly steal: number } | undefined {
  // cpu user nice system idle iowait irq softirq steal guest guest_nice; guest time is already in user.
  if (!/^cpu +\d+ \d+ \d+ \d+/.test(stat)) return undefined
  const [user, nice, system, , , irq, softirq, steal] = stat
    .slice(0, stat.indexOf('\n'))
    .split(/\s+/)
    .slice(1)
    .map((ticks) => Number(ticks) / ticksPerSecond) as number[]
  const busy = user! + nice! + system! + (irq ?? 0) + (softirq ?? 0)
  return Number.isFinite(busy) ? { busy, steal: steal ?? 0 } : undefined
}

export interface ProcessTimes {
  /** s. */
  readonly cpu: number
  /** See {@link pageBytes}. */
  readonly residentPages: number
  readonly minorFaults: number
  readonly majorFaults: number
}

/** What a `/proc/<pid>/stat` line says of all threads together; fields are counted after the last parenthesis. */
export function processTimes(stat: string): ProcessTimes | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // From state (3): minflt is 10, majflt 12, utime 14, stime 15, rss 24 (pages).
  const cpu = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  const residentPages = Number(fields[21])
  const minorFaults = Number(fields[7])
  const majorFaults = Number(fields[9])
  return Number.isFinite(cpu + residentPages + minorFaults + majorFaults) && cpu >= 0
    ? { cpu, residentPages, minorFaults, majorFaults }
    : undefined
}

/** AT_PAGESZ of the auxiliary vector (getauxval(3)): 4 KiB on x86; kernels for ARM servers often have 64. */
const pageSizeKey = 6n

/** Bytes of a page of memory; 4096 where the kernel does not tell. */
export function pageBytes(host: Host): number {
  let bytes: Uint8Array
  try {
    const file = host.open('/proc/self/auxv')
    bytes = file.bytes().slice()
    file.close()
  } catch {
    return usualPage
  }
  const pairs = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at + 16 <= pairs.byteLength; at += 16)
    if (pairs.getBigUint64(at, true) === pageSizeKey) return Number(pairs.getBigUint64(at + 8, true))
  return usualPage
}
const usualPage = 4096

/** What is said of a host without such accounting. */
export const noProc = 'there is no /proc'
export const noHostTimes: Absent = absent('/proc/stat cannot be read', 'mount /proc')
