// The processor's cores as sysfs has them (Documentation/admin-guide/cputopology.rst): one CPU of each, and its package.
import { cpuList } from '../../host/cpu-list.ts'
import type { Host } from '../../host/host.ts'

export const cpuFolder = '/sys/devices/system/cpu'

export interface Core {
  readonly cpu: number
  readonly package: number
}

/** One CPU of each core: its second thread has the same clock. */
export function coresOf(host: Host): readonly Core[] {
  const topology = (cpu: number, file: string): string | undefined =>
    host.readFile(`${cpuFolder}/cpu${cpu}/topology/${file}`)
  const cores = cpuList(host.readFile(`${cpuFolder}/online`) ?? '')
  return cores.flatMap((cpu) => {
    const siblings = cpuList(topology(cpu, 'thread_siblings_list') ?? '').filter((each) => cores.includes(each))
    if (siblings.length > 0 && siblings[0] !== cpu) return []
    const socket = Number(topology(cpu, 'physical_package_id') ?? 0)
    return [{ cpu, package: Number.isInteger(socket) && socket >= 0 ? socket : 0 }]
  })
}
