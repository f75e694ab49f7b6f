// What the lines of /proc/stat and /proc/<pid>/stat mean (proc(5)).

/** USER_HZ: fixed at 100 in the kernel's interface to programs. */
const ticksPerSecond = 100

/** Seconds all CPUs together were busy (steal and waiting for disks are not busy), and stolen. */
export function hostTimes(stat: string): { readonly busy: number; readonly steal: number } {
  // cpu user nice system idle iowait irq softirq steal guest guest_nice; guest time is already in user.
  const [user, nice, system, , , irq, softirq, steal] = stat
    .slice(0, stat.indexOf('\n'))
    .split(/\s+/)
    .slice(1)
    .map((ticks) => Number(ticks) / ticksPerSecond) as number[]
  return { busy: user! + nice! + system! + (irq ?? 0) + (softirq ?? 0), steal: steal ?? 0 }
}

/** CPU seconds and resident bytes of a `/proc/<pid>/stat` line; fields are counted after the last parenthesis. */
export function processTimes(stat: string): { readonly cpu: number; readonly resident: number } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // From state (3): utime is 14, stime 15, rss 24 (pages).
  return { cpu: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond, resident: Number(fields[21]) * 4096 }
}
