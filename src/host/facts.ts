// What stands in a run about the machine: processor, memory, limits of the container, virtualisation, clock. Its GPUs are
// told by the sensors.
import { availableParallelism, cpus, release, totalmem, type as osType } from 'node:os'
import type { HostFacts } from '../run/manifest.ts'
import type { Host } from './host.ts'

export function hostFacts(host: Host): Omit<HostFacts, 'gpus'> {
  const info = host.readFile('/proc/cpuinfo') ?? ''
  const logical = cpus().length
  return {
    os: osName(host),
    kernel: release(),
    arch: host.arch,
    cpu_model: field(info, 'model name') ?? cpus()[0]?.model ?? 'unknown',
    cpus_logical: logical,
    cpus_physical: physicalCores(info),
    memory_bytes: totalmem(),
    cpu_quota: cpuQuota(host),
    cpus_allowed: availableParallelism(),
    virtualisation: virtualisation(host, info),
    container: inContainer(host),
    governor: host.readFile('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor')?.trim() ?? null,
    clock: {
      id: `${host.readFile('/sys/devices/system/clocksource/clocksource0/current_clocksource')?.trim() ?? 'monotonic'}`,
      read_ns: clockCost(),
    },
  }
}

function osName(host: Host): string {
  const release = host.readFile('/etc/os-release')
  return release === undefined ? osType() : (/^PRETTY_NAME="?([^"\n]*)"?/m.exec(release)?.[1] ?? osType())
}

const field = (info: string, name: string): string | undefined =>
  new RegExp(`^${name}\\s*:\\s*(.+)$`, 'm').exec(info)?.[1]?.trim()

/** Distinct (package, core) pairs of /proc/cpuinfo; null where it does not list them. */
function physicalCores(info: string): number | null {
  const cores = new Set<string>()
  for (const block of info.split('\n\n')) {
    const core = field(block, 'core id')
    if (core !== undefined) cores.add(`${field(block, 'physical id') ?? '0'}/${core}`)
  }
  return cores.size === 0 ? null : cores.size
}

/** CPUs' worth of time of this cgroup: `cpu.max` of version 2 or `cpu.cfs_quota_us` of version 1; null when unlimited. */
export function cpuQuota(host: Host): number | null {
  const limits: number[] = []
  for (const path of cgroupFolders(host)) {
    const [quota, period] = (host.readFile(`${path}/cpu.max`) ?? '').trim().split(/\s+/)
    if (quota && quota !== 'max' && Number(period) > 0) limits.push(Number(quota) / Number(period))
    const v1 = Number(host.readFile(`${path}/cpu.cfs_quota_us`) ?? -1)
    const v1Period = Number(host.readFile(`${path}/cpu.cfs_period_us`) ?? 0)
    if (v1 > 0 && v1Period > 0) limits.push(v1 / v1Period)
  }
  return limits.length === 0 ? null : Math.min(...limits)
}

/** Folders of this process's cgroup from the innermost to the root, versions 2 and 1. */
export function cgroupFolders(host: Host): readonly string[] {
  const folders: string[] = []
  for (const line of (host.readFile('/proc/self/cgroup') ?? '').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (path === undefined) continue
    if (controllers === '') folders.push(...chain('/sys/fs/cgroup', path))
    else if (controllers!.split(',').includes('cpu')) folders.push(...chain(`/sys/fs/cgroup/${controllers}`, path))
  }
  return [...new Set(folders)]
}

function chain(root: string, path: string): string[] {
  const parts = path.split('/').filter(Boolean)
  return [...parts.map((_, i) => `${root}/${parts.slice(0, parts.length - i).join('/')}`), root]
}

function virtualisation(host: Host, info: string): string | null {
  const vendor = host.readFile('/sys/class/dmi/id/sys_vendor')?.trim()
  const product = host.readFile('/sys/class/dmi/id/product_name')?.trim()
  if (!/^flags\s*:.*\bhypervisor\b/m.test(info)) return null
  return [vendor, product].filter(Boolean).join(' ') || 'hypervisor'
}

const inContainer = (host: Host): boolean =>
  host.exists('/.dockerenv') ||
  host.exists('/run/.containerenv') ||
  /docker|kubepods|containerd|libpod/.test(host.readFile('/proc/1/cgroup') ?? '')

/** Median cost of reading the clock, ns. */
function clockCost(): number {
  const costs = Array.from({ length: 101 }, () => {
    const before = process.hrtime.bigint()
    for (let i = 0; i < 20; i++) process.hrtime.bigint()
    return Number(process.hrtime.bigint() - before) / 21
  })
  return Math.round(costs.sort((a, b) => a - b)[50]!)
}
