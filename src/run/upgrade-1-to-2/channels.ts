// Format 2: a channel says what it is. In format 1 its id was all that said it; here, and nowhere else, it is read out of the id.
// The tables are what the sensors of that time called their channels: they never change again.
import type { Channel, Throttle } from '../channel.ts'
import type { ChannelRole, ChannelSubject } from '../channel-role.ts'
import type { ThrottleReason } from '../throttle-reason.ts'
import { isObject, type Json } from './json.ts'

type Declared = Pick<Channel, 'role' | 'subject' | 'rank' | 'throttle' | 'group'>

export const upgradeChannels = (document: Json): Json =>
  Array.isArray(document['channels'])
    ? { ...document, channels: document['channels'].map((channel) => upgradeChannel(channel)) }
    : document

/** One channel of a manifest, or of the header of `tailwatt.readings/1`. What is no channel stays as it is. */
export function upgradeChannel(channel: unknown): unknown {
  if (!isObject(channel)) return channel
  const { id, sensor, quantity } = channel
  if (typeof id !== 'string') return channel
  const origin = sensor === 'replay' ? 'replayed' : sensor === 'synthetic' ? 'synthetic' : undefined
  return {
    ...channel,
    ...(quantity === 'utilisation' ? { quantity: 'utilization' } : {}),
    ...declared(id, channel),
    ...(origin === undefined ? {} : { origin }),
  }
}

/** A replayed or a synthetic channel kept the id of the sensor it stands for; `#2` told two of one id apart. */
function declared(id: string, channel: Json): Declared {
  const parts = id.replace(/#\d+$/, '').split('/')
  const [sensor, ...path] = parts
  if (sensor === 'procfs') return ofProcfs(path.join('/')) ?? {}
  if (sensor === 'perf-event') return ofPerfEvent(path) ?? {}
  return devices.has(sensor!) ? ofDevice(sensor!, path.at(-1) ?? '', channel) : {}
}

const words = (...lines: readonly string[]): ReadonlySet<string> => new Set(lines.flatMap((line) => line.split(' ')))

const subjects: Readonly<Record<string, ChannelSubject>> = {
  host: 'host',
  target: 'target',
  self: 'tailwatt',
  cgroup: 'cgroup',
}

const procfs: Readonly<Record<string, ChannelRole>> = {
  'host/busy': 'cpu-time',
  'host/steal': 'steal',
  'host/context-switches': 'context-switches',
  'host/disk-read': 'disk-read',
  'host/disk-written': 'disk-written',
  'self/cpu': 'cpu-time',
  'target/cpu': 'cpu-time',
  'target/memory': 'memory-used',
  'target/page-faults-minor': 'page-faults-minor',
  'target/page-faults-major': 'page-faults-major',
  'target/run-queue-wait': 'run-queue-wait',
  'target/voluntary-switches': 'voluntary-switches',
  'target/involuntary-switches': 'involuntary-switches',
  'target/migrations': 'migrations',
  'target/disk-read': 'disk-read',
  'target/disk-written': 'disk-written',
  'cgroup/periods': 'quota-periods',
  'cgroup/throttled': 'quota-throttled',
  'cgroup/throttled-time': 'quota-throttled-time',
  'cgroup/cpu': 'cpu-time',
  'cgroup/memory': 'memory-used',
  'cgroup/memory-high': 'memory-high',
  'cgroup/memory-max': 'memory-max',
  'cgroup/memory-oom': 'memory-oom',
  'cgroup/memory-oom-kill': 'memory-oom-kill',
  'cgroup/disk-read': 'disk-read',
  'cgroup/disk-written': 'disk-written',
}

function ofProcfs(path: string): Declared | undefined {
  const [, cgroup, stall] = /^psi\/(cgroup-)?((?:cpu|memory|io)-(?:some|full))$/.exec(path) ?? []
  if (stall !== undefined)
    return { role: `psi-${stall}` as ChannelRole, subject: cgroup === undefined ? 'host' : 'cgroup' }
  const role = entry(procfs, path)
  return role && { role, subject: subjects[path.split('/')[0]!]! }
}

const software = words('task-clock page-faults page-faults-minor page-faults-major context-switches migrations')
const counted = words(
  'cycles instructions branches branch-misses cache-references cache-misses',
  'l1d-loads l1d-load-misses llc-loads llc-load-misses',
  'stalled-cycles-frontend stalled-cycles-backend',
  'slots topdown-retiring topdown-bad-spec topdown-fe-bound topdown-be-bound',
  'memory-read memory-write memory-traffic',
)

/** `<group>/running` and `<group>/enabled` were the times of a group, and named it by their ids only. */
function ofPerfEvent([of, event = '', time]: readonly string[]): Declared | undefined {
  if (of !== 'target' && of !== 'host') return undefined
  if (time === 'running' || time === 'enabled')
    return { role: `time-${time}`, subject: of, group: `perf-event/${of}/${event}` }
  if (time !== undefined) return undefined
  if (software.has(event)) return { role: event as ChannelRole, subject: of, rank: 1 }
  return counted.has(event) ? { role: event as ChannelRole, subject: of } : undefined
}

const devices = words('nvml gpm dcgm amdgpu intel-gpu cpufreq')

/** Names that are not their role. */
const renamed: Readonly<Record<string, Declared>> = {
  'process-utilisation': { role: 'utilization', subject: 'target' },
  utilisation: { role: 'utilization' },
  'utilisation-memory': { role: 'utilization-memory' },
  'utilisation-npu': { role: 'utilization-npu' },
  'sm-utilisation': { role: 'sm-utilization' },
  'dram-utilisation': { role: 'dram-utilization' },
  'process-memory': { role: 'memory-used', subject: 'target' },
  'process-engine-time': { role: 'engine-time', subject: 'target' },
  'temperature-memory': { role: 'memory-temperature' },
  'temperature-junction': { role: 'junction-temperature' },
  clock: { role: 'core-clock' },
  'clock-max': { role: 'highest-core-clock' },
  'clock-sm': { role: 'core-clock' },
  'clock-gfx': { role: 'core-clock' },
  'clock-gt': { role: 'core-clock' },
  'clock-memory': { role: 'memory-clock' },
}

const named = words(
  'temperature memory-used memory-total active idle-time',
  'graphics sm-occupancy',
  'tensor hmma dmma imma integer fp64 fp32 fp16',
  'pcie-generation pcie-width pcie-tx pcie-rx pcie-rate pcie-tx-rate pcie-rx-rate',
  'nvlink-tx-rate nvlink-rx-rate xgmi-read xgmi-write dram-read-rate dram-write-rate',
)

/** Of two sensors that gave one name the more precise was listed first: GPM, DCGM, then the drivers. */
const ranks: Readonly<Record<string, number>> = { gpm: 2, dcgm: 1 }

function ofDevice(sensor: string, last: string, { quantity }: Json): Declared {
  if (quantity === 'throttle') return { throttle: masks[sensor] ?? [{ reason: 'throttle' }] }
  const [, reason] = /^throttle-(.+?)(?:-count)?$/.exec(last) ?? []
  if (reason !== undefined) return lost.has(reason) ? { throttle: [{ reason: reason as ThrottleReason }] } : {}
  // One of several graphics units has its name behind.
  const name = last.replace(/-gt\d+$/, '')
  const found = entry(renamed, name) ?? (named.has(name) ? { role: name as ChannelRole } : {})
  const rank = quantity === 'utilisation' || quantity === 'bandwidth' ? ranks[sensor] : undefined
  return { ...found, ...(rank === undefined || found.role === undefined ? {} : { rank }) }
}

/** What the sensors counted the time of, or the occurrences. */
const lost = words(
  'power thermal board sw-thermal hw-thermal power-brake',
  'prochot vr-thermal memory-thermal',
  'thermal-package thermal-core',
)

/** nvml.h, nvmlClocksEventReason*. */
const nvml: readonly Throttle[] = [
  { reason: 'power-cap', bit: 0x4 },
  { reason: 'hardware-slowdown', bit: 0x8 },
  { reason: 'thermal', bit: 0x20 },
  { reason: 'thermal-hardware', bit: 0x40 },
  { reason: 'power-brake', bit: 0x80 },
]
const drm: readonly Throttle[] = [
  { reason: 'power-cap', bit: 0x1 },
  { reason: 'current', bit: 0x2 },
  { reason: 'thermal', bit: 0x4 },
  { reason: 'prochot', bit: 0x8 },
  { reason: 'other', bit: 0x10 },
]
const masks: Readonly<Record<string, readonly Throttle[]>> = { nvml, amdgpu: drm, 'intel-gpu': drm }

/** Ids come from files: `constructor` is no entry. */
const entry = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined
