// Which CPUs this process may use, how many cores they are, and what cache they share: from the kernel's own files.
import { cpuList } from './cpu-list.ts'
import type { Host } from './host.ts'

export interface CpuLayout {
  /** Numbers of the CPUs that may be used; empty where the system does not say. */
  readonly cpus: readonly number[]
  /** Cores behind them: two threads of a core are one. Null where the system does not say. */
  readonly cores: number | null
  /** Last-level caches of these CPUs: one, and all together. Null where the system does not say. */
  readonly lastLevel: { readonly each: number; readonly total: number } | null
}

export function cpuLayout(host: Host): CpuLayout {
  const allowed = /^Cpus_allowed_list:\s*(.+)$/m.exec(host.readFile('/proc/self/status') ?? '')?.[1]
  const online = host.readFile('/sys/devices/system/cpu/online') ?? ''
  const cpus = cpuList(allowed ?? online)
  return { cpus, cores: coresOf(host.readFile('/proc/cpuinfo') ?? '', new Set(cpus)), lastLevel: lastLevel(host, cpus) }
}

function coresOf(cpuinfo: string, allowed: ReadonlySet<number>): number | null {
  const cores = new Set<string>()
  for (const block of cpuinfo.split(/\n\s*\n/)) {
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}[ \\t]*:[ \\t]*(.*)$`, 'm').exec(block)?.[1]?.trim()
    const core = field('core id')
    if (core === undefined || !allowed.has(Number(field('processor')))) continue
    cores.add(`${field('physical id') ?? '0'}/${core}`)
  }
  return cores.size === 0 ? null : cores.size
}

function lastLevel(host: Host, cpus: readonly number[]): CpuLayout['lastLevel'] {
  const caches = new Map<string, number>()
  for (const cpu of cpus) {
    const folder = `/sys/devices/system/cpu/cpu${cpu}/cache`
    const found = host
      .list(folder)
      .filter((name) => /^index\d+$/.test(name))
      .map((name) => `${folder}/${name}`)
      .filter((path) => host.readFile(`${path}/type`)?.trim() !== 'Instruction')
      .map((path) => ({ path, level: Number(host.readFile(`${path}/level`)) }))
      .filter(({ level }) => level > 0)
      .sort((a, b) => b.level - a.level)[0]
    const bytes = found && sizeOf(host.readFile(`${found.path}/size`) ?? '')
    if (found === undefined || bytes === undefined) return null
    caches.set(host.readFile(`${found.path}/shared_cpu_list`)?.trim() ?? `cpu${cpu}`, bytes)
  }
  if (caches.size === 0) return null
  const sizes = [...caches.values()]
  return { each: Math.max(...sizes), total: sizes.reduce((sum, size) => sum + size, 0) }
}

/** `32768K`, `1M`. */
function sizeOf(text: string): number | undefined {
  const [, digits, unit] = /^(\d+)([KMG]?)$/.exec(text.trim()) ?? []
  const bytes = Number(digits) * { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[unit ?? '']!
  return bytes > 0 ? bytes : undefined
}
