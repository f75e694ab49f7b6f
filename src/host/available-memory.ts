// Memory that can be taken without harm: what the kernel calls available, and what the limits of this process's cgroups leave.
import { cgroupFolders } from './facts.ts'
import type { Host } from './host.ts'

/** Bytes; `undefined` where the system does not say. */
export function availableMemory(host: Host): number | undefined {
  const number = (path: string): number => Number(host.readFile(path)?.trim() || Number.NaN)
  const kilobytes = Number(/^MemAvailable:\s*(\d+) kB/m.exec(host.readFile('/proc/meminfo') ?? '')?.[1])
  const left = [
    kilobytes * 1024,
    // Version 2; an unlimited group says `max`, which is no number.
    ...cgroupFolders(host).map((folder) => number(`${folder}/memory.max`) - number(`${folder}/memory.current`)),
    // Version 1, as a container sees its own group.
    number('/sys/fs/cgroup/memory/memory.limit_in_bytes') - number('/sys/fs/cgroup/memory/memory.usage_in_bytes'),
  ].filter((bytes) => !Number.isNaN(bytes))
  return left.length === 0 ? undefined : Math.max(0, Math.min(...left))
}
