// RAPL through the kernel's `power` PMU: 64-bit sums that do not wrap, readable without root where perf_event_paranoid
// allows (0 or lower, or CAP_PERFMON). One event a domain and package (arch/x86/events/rapl.c: 2⁻³² J a count).
import type { Host } from '../../host/host.ts'
import { loadPerf, perfRefusal, type PerfCalls, type Refusal } from '../../host/perf-event.ts'
import { findPmu, pmuEvent, type Pmu, type PmuEvent } from '../../host/perf-pmu.ts'
import { energyCounter } from './energy-counter.ts'
import { zoneOf, type Zone, type ZoneCounter } from './zone.ts'

/** Events of the two PMUs, and what powercap calls the same. */
const domains: readonly (readonly [pmu: 'power' | 'power_core', event: string, own: string])[] = [
  ['power', 'energy-pkg', 'package'],
  ['power', 'energy-cores', 'core'],
  ['power', 'energy-gpu', 'uncore'],
  ['power', 'energy-ram', 'dram'],
  ['power', 'energy-psys', 'psys'],
  // AMD counts each core by itself; their sum is what others call the cores.
  ['power_core', 'energy-core', 'core'],
]

export type PerfZones =
  | { readonly ok: true; readonly zones: readonly ZoneCounter[]; readonly refused: Refusal | undefined }
  | ({ readonly ok: false } & Refusal)

export function openPerfZones(host: Host): PerfZones {
  const pmus = { power: findPmu(host, 'power'), power_core: findPmu(host, 'power_core') }
  if (!pmus.power)
    return {
      ok: false,
      reason: 'the kernel offers no power PMU',
      remedy: 'load the module intel_rapl_msr (sudo modprobe intel_rapl_msr), or use an external meter',
    }
  const loaded = loadPerf(host)
  if (!loaded.ok) return loaded
  const { perf } = loaded
  const opened = new Map<string, { readonly zone: Zone; readonly event: PmuEvent; readonly fds: number[] }>()
  // A sum that lacks one of its cores is no sum.
  const broken = new Set<string>()
  let refused: Refusal | undefined
  for (const [name, eventName, own] of domains) {
    const pmu = pmus[name]
    const event = pmu && pmuEvent(host, name, { name: eventName })
    if (!pmu || !event) continue
    for (const { cpu, within } of places(host, pmu)) {
      const zone = own === 'package' ? zoneOf(within, undefined) : zoneOf(own, own === 'psys' ? undefined : within)
      const known = opened.get(zone.name)
      // psys is the platform's, whichever package tells it; a `power` domain counts once a package.
      if (known && name === 'power') continue
      const fd = perf.open({ type: pmu.type, config: event.config }, { pid: -1, cpu })
      if (fd < 0) {
        refused ??= perfRefusal(host, -fd, 'host')
        broken.add(zone.name)
      } else if (known) known.fds.push(fd)
      else opened.set(zone.name, { zone, event, fds: [fd] })
    }
  }
  for (const name of broken) opened.get(name)?.fds.forEach((fd) => perf.close(fd))
  const zones = [...opened.values()]
    .filter(({ zone }) => !broken.has(zone.name))
    .map(({ zone, event, fds }) => perfZone(perf, zone, event, fds))
  if (zones.length > 0) return { ok: true, zones, refused }
  return { ok: false, ...(refused ?? { reason: 'the power PMU names no domain', remedy: 'use a newer kernel' }) }
}

/** The CPUs an event is opened on, and the package each stands for. */
function places(host: Host, pmu: Pmu): readonly { readonly cpu: number; readonly within: string }[] {
  const topology = (cpu: number, what: string): number =>
    Number(host.readFile(`/sys/devices/system/cpu/cpu${cpu}/topology/${what}`) ?? 0)
  const cpus = (pmu.cpus ?? [0]).map((cpu) => ({
    cpu,
    socket: topology(cpu, 'physical_package_id'),
    die: topology(cpu, 'die_id'),
  }))
  // AMD's package counter is the socket's, and kernels since 6.9 list a CPU of each of its dies all the same
  // (perf/x86/rapl, "Fix the energy-pkg event for AMD CPUs"): counted once.
  const amd = /^vendor_id\s*:\s*(?:AuthenticAMD|HygonGenuine)/m.test(host.readFile('/proc/cpuinfo') ?? '')
  return cpus.map(({ cpu, socket, die }) => {
    const dies = new Set(cpus.filter((other) => other.socket === socket).map((other) => other.die))
    return { cpu, within: amd || dies.size < 2 ? `package-${socket}` : `package-${socket}-die-${die}` }
  })
}

function perfZone(perf: PerfCalls, zone: Zone, event: PmuEvent, fds: readonly number[]): ZoneCounter {
  const first = fds.map((fd) => perf.read(fd)?.value ?? 0n)
  const raw = (): number | undefined => {
    let sum = 0
    for (let i = 0; i < fds.length; i++) {
      const reading = perf.read(fds[i]!)
      if (!reading) return undefined
      sum += joules(reading.value - first[i]!, event.scale) * 1e6
    }
    return Math.round(sum)
  }
  return {
    zone,
    // The sum cannot wrap; what a suspended host makes of it is refused like any other jump.
    counter: energyCounter(),
    raw,
    close: () => fds.forEach((fd) => perf.close(fd)),
  }
}

/** Exact to well below 1 µJ for 2⁵³ counts (2 MJ at 2⁻³² J) and beyond: whole joules and the rest are scaled apart. */
export function joules(counts: bigint, joulesPerCount: number): number {
  const perJoule = BigInt(Math.round(1 / joulesPerCount))
  return Number(counts / perJoule) + Number(counts % perJoule) * joulesPerCount
}
