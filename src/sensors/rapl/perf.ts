// RAPL through the kernel's `power` PMU: 64-bit sums that do not wrap, readable without root where perf_event_paranoid
// allows (0 or lower, or CAP_PERFMON). One event a domain and package (arch/x86/events/rapl.c: 2⁻³² J a count).
import type { SampleSink } from '../../run/ports.ts'
import type { Host, NativeLibrary } from '../../host/host.ts'
import type { PolledSensor } from '../sensor.ts'
import type { Scope } from '../../run/channel.ts'
import { raplChannel } from './powercap.ts'

const pmu = '/sys/bus/event_source/devices/power'
const domains: readonly (readonly [string, Scope])[] = [
  ['energy-pkg', 'package'],
  ['energy-cores', 'core'],
  ['energy-gpu', 'uncore'],
  ['energy-ram', 'dram'],
  ['energy-psys', 'psys'],
]
const syscallNumber: Readonly<Record<string, number>> = { x64: 298, arm64: 241 }
const closeOnExec = 8

interface Event {
  readonly fd: number
  readonly joulesPerCount: number
  readonly first: bigint
  readonly name: string
  readonly scope: Scope
  readonly parent: string | undefined
}

export type PerfResult =
  | { readonly ok: true; readonly sensor: PolledSensor }
  | { readonly ok: false; readonly reason: string }

export function openPerfRapl(host: Host): PerfResult {
  const type = Number(host.readFile(`${pmu}/type`))
  if (!(type > 0)) return { ok: false, reason: 'the kernel offers no power PMU' }
  const number = syscallNumber[host.arch]
  const libc = host.loadLibrary(['libc.so.6', 'libc.musl-x86_64.so.1'])
  if (!libc.ok) return { ok: false, reason: libc.reason }
  if (number === undefined) return { ok: false, reason: `perf_event_open is not known for ${host.arch}` }
  const calls = bind(libc.library)
  if (!calls) return { ok: false, reason: 'libc has no syscall function' }
  const cpus = (host.readFile(`${pmu}/cpumask`) ?? '0').trim().split(',').flatMap(expandRange)
  const events: Event[] = []
  const refused: string[] = []
  cpus.forEach((cpu, socket) => {
    for (const [domain, scope] of domains) {
      const config = /event=(0x[0-9a-f]+)/i.exec(host.readFile(`${pmu}/events/${domain}`) ?? '')
      if (!config || (scope === 'psys' && socket > 0)) continue
      const fd = calls.open(number, attribute(type, Number(config[1])), cpu)
      if (fd < 0) {
        refused.push(domain)
        continue
      }
      const joulesPerCount = Number(host.readFile(`${pmu}/events/${domain}.scale`) ?? 2 ** -32)
      const inside = scope === 'core' || scope === 'uncore' ? `package-${socket}` : undefined
      const own = scope === 'package' ? `package-${socket}` : scope
      const name = scope === 'psys' || scope === 'package' ? own : `package-${socket}/${own}`
      events.push({ fd, joulesPerCount, first: calls.read(fd) ?? 0n, name, scope, parent: inside })
    }
  })
  if (events.length === 0) {
    const paranoid = host.readFile('/proc/sys/kernel/perf_event_paranoid')?.trim() ?? '?'
    return {
      ok: false,
      reason: `perf_event_open was refused (perf_event_paranoid is ${paranoid}; ${refused.length} events)`,
    }
  }
  const hasPsys = events.some((event) => event.scope === 'psys')
  return {
    ok: true,
    sensor: {
      channels: events.map((event) => raplChannel(event, hasPsys)),
      read: (at: number, out: SampleSink) => {
        let read = 0
        events.forEach((event, index) => {
          const count = calls.read(event.fd)
          if (count !== undefined) read++
          out.put(index, at, count === undefined ? Number.NaN : joules(count - event.first, event.joulesPerCount))
        })
        return read > 0 ? 'ok' : 'retry'
      },
      close: () => events.forEach((event) => calls.close(event.fd)),
    },
  }
}

/** Exact to well below 1 µJ for 2⁵³ counts (2 MJ at 2⁻³² J) and beyond: whole joules and the rest are scaled apart. */
export function joules(counts: bigint, joulesPerCount: number): number {
  const perJoule = BigInt(Math.round(1 / joulesPerCount))
  return Number(counts / perJoule) + Number(counts % perJoule) * joulesPerCount
}

function expandRange(text: string): number[] {
  const [from, to] = text.split('-').map(Number)
  return Array.from({ length: (to ?? from!) - from! + 1 }, (_, i) => from! + i)
}

// struct perf_event_attr (uapi/linux/perf_event.h): type at 0, size at 4, config at 8; 128 bytes are accepted everywhere.
function attribute(type: number, config: number): Buffer {
  const attr = Buffer.alloc(128)
  attr.writeUInt32LE(type, 0)
  attr.writeUInt32LE(128, 4)
  attr.writeBigUInt64LE(BigInt(config), 8)
  return attr
}

interface Calls {
  open(number: number, attr: Buffer, cpu: number): number
  read(fd: number): bigint | undefined
  close(fd: number): void
}

function bind(libc: NativeLibrary): Calls | undefined {
  const syscall = libc.bind('long syscall(long number, ...)')
  const read = libc.bind('long read(int fd, void *buffer, size_t size)')
  const close = libc.bind('int close(int fd)')
  if (!syscall || !read || !close) return undefined
  const buffer = Buffer.alloc(8)
  return {
    open: (number, attr, cpu) =>
      Number(syscall(number, 'void *', attr, 'int', -1, 'int', cpu, 'int', -1, 'unsigned long', closeOnExec)),
    read: (fd) => (Number(read(fd, buffer, 8)) === 8 ? buffer.readBigUInt64LE(0) : undefined),
    close: (fd) => void close(fd),
  }
}
