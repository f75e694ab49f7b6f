// perf_event_open(2) from Node: the attribute's bytes, opening, reading, closing, and what each refusal means. Counting
// only, no sampling. Layout and constants: include/uapi/linux/perf_event.h; x86-64 is call 298, arm64 241.
import type { Host, NativeLibrary } from './host.ts'
import type { Unmeasured } from '../run/manifest.ts'

/** `enum perf_type_id`; other numbers are PMUs of sysfs. */
export const perfType = { hardware: 0, software: 1, cache: 3, raw: 4 } as const

export interface PerfAttribute {
  readonly type: number
  readonly config: bigint
  readonly config1?: bigint
  readonly config2?: bigint
  /** Threads and processes that the task starts from now on are counted with it. */
  readonly inherit?: boolean
  /** Without the kernel's share: what `perf_event_paranoid` 2 allows. */
  readonly userOnly?: boolean
  /** One reading of the leader tells all of its group; so say all of the group. With `inherit`: Linux 4.13 or later. */
  readonly grouped?: boolean
}

export interface PerfPlace {
  /** A task; 0 is the calling thread, -1 all of a CPU. */
  readonly pid: number
  /** -1 is any CPU. */
  readonly cpu: number
  /** Descriptor of the group's leader: what is in a group counts at the same times. */
  readonly group?: number
}

/** Counts since opening, ns of time in which it was to count, and in which it did. */
export interface PerfReading {
  readonly value: bigint
  readonly enabled: number
  readonly running: number
}

/** A group's reading: the counts in the order in which the group was opened. */
export interface PerfGroupReading {
  readonly values: Float64Array
  readonly enabled: number
  readonly running: number
}

const attributeBytes = 128
const bothTimes = 3n // PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING
const wholeGroup = 8n // PERF_FORMAT_GROUP
const readingBytes = 24
/** Largest group that is read. */
const mostCounts = 16
const closeOnExec = 8n
const flag = { inherit: 0x2n, excludeKernel: 0x20n, excludeHypervisor: 0x40n }
const syscallNumber: Readonly<Record<string, number>> = { x64: 298, arm64: 241 }

/** `struct perf_event_attr`: kernels accept any size they know or whose unknown rest is zero. */
export function packAttribute(attribute: PerfAttribute): Buffer {
  const bytes = Buffer.alloc(attributeBytes)
  bytes.writeUInt32LE(attribute.type, 0)
  bytes.writeUInt32LE(attributeBytes, 4)
  bytes.writeBigUInt64LE(attribute.config, 8)
  bytes.writeBigUInt64LE(attribute.grouped ? bothTimes | wholeGroup : bothTimes, 32)
  const flags =
    (attribute.inherit ? flag.inherit : 0n) | (attribute.userOnly ? flag.excludeKernel | flag.excludeHypervisor : 0n)
  bytes.writeBigUInt64LE(flags, 40)
  bytes.writeBigUInt64LE(attribute.config1 ?? 0n, 56)
  bytes.writeBigUInt64LE(attribute.config2 ?? 0n, 64)
  return bytes
}

export interface PerfCalls {
  /** A descriptor, or the negative errno. */
  open(attribute: PerfAttribute, place: PerfPlace): number
  /** `undefined` where it cannot be read. The object is reused by the next call. */
  read(fd: number): PerfReading | undefined
  /** The same of a leader opened `grouped` and its group of `size` counts. */
  readGroup(fd: number, size: number): PerfGroupReading | undefined
  close(fd: number): void
}

export type PerfLibrary =
  | { readonly ok: true; readonly perf: PerfCalls }
  | { readonly ok: false; readonly reason: string; readonly remedy: string }

export function loadPerf(host: Host): PerfLibrary {
  const number = syscallNumber[host.arch]
  if (host.platform !== 'linux' || number === undefined)
    return {
      ok: false,
      reason: `perf_event_open is not known for ${host.platform} on ${host.arch}`,
      remedy: 'measure on Linux, x86-64 or arm64',
    }
  const libc = host.loadLibrary(['libc.so.6', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1'])
  if (!libc.ok) return { ok: false, reason: libc.reason, remedy: 'npm install koffi' }
  const perf = bind(libc.library, number)
  return perf
    ? { ok: true, perf }
    : { ok: false, reason: 'libc has no syscall function', remedy: 'use a libc that has it (glibc, musl)' }
}

function bind(libc: NativeLibrary, number: number): PerfCalls | undefined {
  const syscall = libc.bind('long syscall(long number, ...)')
  const read = libc.bind('long read(int fd, void *buffer, size_t size)')
  const close = libc.bind('int close(int fd)')
  if (!syscall || !read || !close) return undefined
  const buffer = Buffer.alloc(readingBytes)
  const reading = { value: 0n, enabled: 0, running: 0 }
  // nr, time_enabled, time_running, then the counts; as halves, because that makes no big integers.
  const halves = new Uint32Array(2 * (3 + mostCounts))
  const at = (i: number): number => halves[2 * i]! + halves[2 * i + 1]! * 2 ** 32
  const groups = Array.from({ length: mostCounts + 1 }, (_, size) => ({
    values: new Float64Array(size),
    enabled: 0,
    running: 0,
  }))
  return {
    open: (attribute, { pid, cpu, group = -1 }) => {
      const bytes = packAttribute(attribute)
      const fd = Number(
        syscall(number, 'void *', bytes, 'int', pid, 'int', cpu, 'int', group, 'unsigned long', closeOnExec),
      )
      return fd < 0 ? -Math.max(1, libc.errno()) : fd
    },
    read: (fd) => {
      if (Number(read(fd, buffer, readingBytes)) !== readingBytes) return undefined
      reading.value = buffer.readBigUInt64LE(0)
      reading.enabled = Number(buffer.readBigUInt64LE(8))
      reading.running = Number(buffer.readBigUInt64LE(16))
      return reading
    },
    readGroup: (fd, size) => {
      const group = groups[size]
      if (!group || Number(read(fd, halves, halves.byteLength)) !== 8 * (3 + size) || at(0) !== size) return undefined
      group.enabled = at(1)
      group.running = at(2)
      for (let i = 0; i < size; i++) group.values[i] = at(3 + i)
      return group
    },
    close: (fd) => void close(fd),
  }
}

export type Refusal = Pick<Unmeasured, 'reason' | 'remedy'>

/** What must be allowed: all of a CPU, a process with its kernel time, or its user mode alone. */
export type PerfReach = 'host' | 'process' | 'user'

const errno = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  E2BIG: 7,
  EACCES: 13,
  EBUSY: 16,
  ENODEV: 19,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOSYS: 38,
  EOPNOTSUPP: 95,
} as const

/** The largest `perf_event_paranoid` that allows it (Documentation/admin-guide/sysctl/kernel.rst). */
const allowedAt: Readonly<Record<PerfReach, number>> = { host: 0, process: 1, user: 2 }

/** Why the kernel said no, and what the user can do. @param code positive errno */
export function perfRefusal(host: Host, code: number, reach: PerfReach): Refusal {
  const virtual = isVirtual(host)
  switch (code) {
    case errno.ENOENT:
    case errno.ENODEV:
    case errno.EOPNOTSUPP:
      return virtual
        ? {
            reason: `the virtual machine has no performance counters for it (${nameOf(code)})`,
            remedy: 'measure on the physical host, or give the machine a PMU (QEMU: -cpu host,pmu=on)',
          }
        : {
            reason: `this processor or kernel does not count it (${nameOf(code)})`,
            remedy: 'use a processor that counts it; `perf list` shows what this one has',
          }
    case errno.EACCES:
    case errno.EPERM:
      return forbidden(host, code, reach)
    case errno.EMFILE:
    case errno.ENFILE:
      return {
        reason: `there are not enough file descriptors, one for each event and thread or CPU (${nameOf(code)})`,
        remedy:
          code === errno.EMFILE ? 'raise the limit: ulimit -n 65536' : 'raise it: sudo sysctl fs.file-max=1000000',
      }
    case errno.ENOSYS:
      return filtered(host)
        ? {
            reason: 'a seccomp filter hides perf_event_open (ENOSYS)',
            remedy: 'docker run --cap-add PERFMON, or a seccomp profile that allows perf_event_open',
          }
        : {
            reason: 'the kernel has no perf events (ENOSYS)',
            remedy: 'use a kernel with CONFIG_PERF_EVENTS',
          }
    case errno.EBUSY:
      return {
        reason: 'another user holds the counter (EBUSY)',
        remedy: 'end other profilers; sudo sysctl kernel.nmi_watchdog=0 frees one counter',
      }
    case errno.ESRCH:
      return { reason: 'the process is gone (ESRCH)', remedy: 'measure a process that lives' }
    case errno.E2BIG:
    case errno.EINVAL:
      return {
        reason: `the kernel does not take this event (${nameOf(code)})`,
        remedy: 'use a newer kernel, whose driver knows this processor',
      }
    default:
      return { reason: `perf_event_open failed with errno ${code}`, remedy: 'compare with `perf stat`' }
  }
}

function forbidden(host: Host, code: number, reach: PerfReach): Refusal {
  const paranoid = Number(host.readFile('/proc/sys/kernel/perf_event_paranoid') ?? Number.NaN)
  const most = allowedAt[reach]
  const capability = 'sudo setcap cap_perfmon+ep $(readlink -f $(command -v node))'
  if (filtered(host) && (code === errno.EPERM || paranoid <= most))
    return {
      reason: `a seccomp filter, as containers have, refuses perf_event_open (${nameOf(code)})`,
      remedy: 'docker run --cap-add PERFMON, or a seccomp profile that allows perf_event_open',
    }
  if (paranoid > most)
    return {
      reason: `perf_event_paranoid is ${paranoid}, and this needs ${most} or less (${nameOf(code)})`,
      remedy: `sudo sysctl kernel.perf_event_paranoid=${most}, or give CAP_PERFMON: ${capability}`,
    }
  return {
    reason: `the kernel refuses it (${nameOf(code)}${reach === 'host' ? '' : '; the process may be another user’s'})`,
    remedy: `run as the user of the process, or give CAP_PERFMON: ${capability}`,
  }
}

const nameOf = (code: number): string => Object.entries(errno).find(([, value]) => value === code)?.[0] ?? String(code)

const filtered = (host: Host): boolean => /^Seccomp:\s*2/m.test(host.readFile('/proc/self/status') ?? '')

/** Whether the processor says that it runs under a hypervisor. */
export const isVirtual = (host: Host): boolean =>
  /^flags\s*:.*\bhypervisor\b/m.test(host.readFile('/proc/cpuinfo') ?? '')
