// What GPUs of all makers tell: the shape of a reading by the name that ends its channel's id. NVML says more of its energy
// and power, and has shapes of its own for them.
import type { ChannelRole } from '../run/channel-role.ts'
import type { Channel } from '../run/channel.ts'

export type Shape = Omit<Channel, 'id' | 'sensor' | 'device' | 'parent'>

const gauge = { kind: 'gauge', scope: 'gpu' } as const
const share = { quantity: 'utilization', unit: 'ratio', kind: 'average', scope: 'gpu' } as const
const rate = { ...share, quantity: 'bandwidth', unit: 'B/s' } as const
const memory = { ...gauge, quantity: 'memory', unit: 'B' } as const
const seconds = { quantity: 'time', unit: 's', kind: 'counter', scope: 'gpu' } as const
const watts = { quantity: 'power', unit: 'W', kind: 'average', scope: 'gpu', grade: 'C' } as const
const target = { scope: 'process', subject: 'target' } as const

const kinds = {
  joules: { quantity: 'energy', unit: 'J', kind: 'counter', scope: 'gpu', grade: 'B' },
  watts: { ...watts, kind: 'gauge' },
  averageWatts: watts,
  /** The graphics part of a processor draws within its package. */
  graphicsWatts: { ...watts, scope: 'uncore' },
  degrees: { ...gauge, quantity: 'temperature', unit: 'degC' },
  clock: { ...gauge, quantity: 'clock', unit: 'MHz' },
  share,
  targetShare: { ...share, ...target },
  memory,
  targetMemory: { ...memory, ...target },
  seconds,
  targetSeconds: { ...seconds, ...target },
  bytes: { quantity: 'bytes', unit: 'B', kind: 'counter', scope: 'gpu' },
  rate,
  rateNow: { ...rate, kind: 'gauge' },
  count: { ...gauge, quantity: 'count', unit: '1' },
} as const satisfies Readonly<Record<string, Shape>>

const readings = {
  energy: ['joules'],
  power: ['watts'],
  'power-average': ['averageWatts'],
  'power-gfx': ['graphicsWatts'],
  temperature: ['degrees', 'temperature'],
  'temperature-junction': ['degrees', 'junction-temperature'],
  'temperature-memory': ['degrees', 'memory-temperature'],
  'clock-gfx': ['clock', 'core-clock'],
  'clock-gt': ['clock', 'core-clock'],
  'clock-sm': ['clock', 'core-clock'],
  'clock-memory': ['clock', 'memory-clock'],
  utilization: ['share', 'utilization'],
  'utilization-memory': ['share', 'utilization-memory'],
  'utilization-npu': ['share', 'utilization-npu'],
  active: ['share', 'active'],
  'idle-time': ['seconds', 'idle-time'],
  'memory-used': ['memory', 'memory-used'],
  'memory-total': ['memory', 'memory-total'],
  'dram-read-rate': ['rate', 'dram-read-rate'],
  'dram-write-rate': ['rate', 'dram-write-rate'],
  'pcie-generation': ['count', 'pcie-generation'],
  'pcie-width': ['count', 'pcie-width'],
  'pcie-rate': ['rateNow', 'pcie-rate'],
  'pcie-tx': ['bytes', 'pcie-tx'],
  'pcie-rx': ['bytes', 'pcie-rx'],
  'xgmi-read': ['bytes', 'xgmi-read'],
  'xgmi-write': ['bytes', 'xgmi-write'],
  'process-utilization': ['targetShare', 'utilization'],
  'process-engine-time': ['targetSeconds', 'engine-time'],
  'process-memory': ['targetMemory', 'memory-used'],
} as const

/** A reading that any GPU may have. */
export type GpuReading = keyof typeof readings

export function gpuShape(name: GpuReading): Shape {
  const [kind, role]: readonly [keyof typeof kinds, ChannelRole?] = readings[name]
  return { ...kinds[kind], ...(role === undefined ? {} : { role }) }
}
