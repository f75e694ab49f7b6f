// The channels of a demo run: what the sensors of `sensors/` would list on the imitated machine, to the letter (a test holds
// them against those), but with the sensor called `synthetic`, as a replayed recording's is called `replay`.
import type { ChannelRole } from '../run/channel-role.ts'
import type { Channel } from '../run/channel.ts'
import type { Board } from './board.ts'

export const syntheticSensor = 'synthetic'

type Shape = Omit<Channel, 'id' | 'sensor'>

const channel = (id: string, shape: Shape): Channel => ({
  id,
  sensor: syntheticSensor,
  ...shape,
  origin: 'synthetic',
})

export const gpuDevice = (board: Board): string => `GPU-synthetic-${board.name}`
export const meterDevice = 'synthetic-meter'

const energy = { quantity: 'energy', unit: 'J', kind: 'counter' } as const
const gpuWatts = { quantity: 'power', unit: 'W', period_ms: 100, grade: 'C' } as const
const gauge = { kind: 'gauge', scope: 'gpu' } as const
const seconds = { quantity: 'time', unit: 's', kind: 'counter' } as const
const degrees = { quantity: 'temperature', unit: 'degC' } as const
const rate = { quantity: 'utilization', unit: 'ratio', kind: 'average' } as const

const domains: readonly (readonly [string, 'package' | 'dram' | 'psys'])[] = [
  ['package-0', 'package'],
  ['package-0/dram', 'dram'],
  ['package-1', 'package'],
  ['package-1/dram', 'dram'],
  ['psys', 'psys'],
]

/** Domains of the perf PMU; then the same by powercap, which only checks them. */
export const raplChannels: readonly Channel[] = (['', '-powercap'] as const).flatMap((check) =>
  domains.map(([name, scope]) =>
    channel(`rapl/${name}/energy${check}`, {
      ...energy,
      scope,
      device: name,
      ...(scope === 'package' ? { parent: 'rapl/psys/energy' } : {}),
      period_ms: 1,
      grade: 'B',
      ...(check === '' ? {} : { check: true }),
    }),
  ),
)

/** Names within `nvml/<device>/`, in the order of the channels. */
export const nvmlNames = (board: Board): readonly string[] => nvmlShapes(board).map(([name]) => name)

export function nvmlChannels(board: Board): readonly Channel[] {
  const device = gpuDevice(board)
  return nvmlShapes(board).map(([name, shape]) => channel(`nvml/${device}/${name}`, { ...shape, device }))
}

/** The imitated driver does not answer the fields of PCIe bytes: on a PCIe 5 ×16 link a 32-bit count of them says nothing. */
function nvmlShapes(board: Board): readonly (readonly [name: string, shape: Shape])[] {
  const { windowMs, average, memoryPower } = board.gpu.sensor
  const window = windowMs < 60 ? 25 : 100
  const watts = { ...gpuWatts, systematic: board.gpu.sensor.error } as const
  const instant = { ...watts, kind: 'gauge', window_ms: window } as const
  const of = (name: string, shape: Shape): readonly [string, Shape] => [name, shape]
  const reasons = ['power', 'thermal', 'board', 'sw-thermal', 'hw-thermal', 'power-brake'] as const
  const throttle = reasons.map(
    (reason) => ({ reason, shape: { ...seconds, scope: 'gpu', throttle: [{ reason }] } }) as const,
  )
  const link = { ...gauge, quantity: 'count', unit: '1' } as const
  const clock = { ...gauge, quantity: 'clock', unit: 'MHz' } as const
  const process = { scope: 'process', subject: 'target' } as const
  const parent = `nvml/${gpuDevice(board)}/power`
  return [
    of('energy', { ...energy, scope: 'gpu', period_ms: 100, grade: 'B', systematic: board.gpu.sensor.error }),
    of('power', { ...instant, scope: 'gpu' }),
    ...(average ? [of('power-average', { ...watts, kind: 'average', window_ms: 1000, scope: 'gpu' })] : []),
    ...(memoryPower ? [of('power-memory', { ...instant, scope: 'gpu-memory', parent })] : []),
    of('temperature-memory', { ...gauge, ...degrees, role: 'memory-temperature' }),
    ...throttle.map(({ reason, shape }) => of(`throttle-${reason}`, shape)),
    of('temperature', { ...gauge, ...degrees, role: 'temperature' }),
    of('clock-sm', { ...clock, role: 'core-clock' }),
    of('clock-memory', { ...clock, role: 'memory-clock' }),
    of('throttle', { ...gauge, quantity: 'throttle', unit: '1', throttle: maskReasons }),
    of('memory-used', { ...gauge, quantity: 'memory', unit: 'B', role: 'memory-used' }),
    of('utilization', { ...rate, scope: 'gpu', role: 'utilization' }),
    of('utilization-memory', { ...rate, scope: 'gpu', role: 'utilization-memory' }),
    of('pcie-generation', { ...link, role: 'pcie-generation' }),
    of('pcie-width', { ...link, role: 'pcie-width' }),
    of('process-utilization', { ...process, ...rate, role: 'utilization' }),
    of('process-memory', { ...process, quantity: 'memory', unit: 'B', kind: 'gauge', role: 'memory-used' }),
  ]
}

/** Empty for a GPU without GPM. The board's activities are in the order of the metrics' numbers; then the rates. */
export function gpmChannels(board: Board): readonly Channel[] {
  if (!board.gpu.sensor.gpm) return []
  const device = gpuDevice(board)
  const of = (role: ChannelRole, shape: Pick<Channel, 'quantity' | 'unit'>): Channel =>
    channel(`gpm/${device}/${role}`, { ...shape, kind: 'average', scope: 'gpu', device, role, rank: 2 })
  return [
    ...(Object.keys(board.gpu.activity) as ChannelRole[]).map((name) =>
      of(name, { quantity: 'utilization', unit: 'ratio' }),
    ),
    ...(['pcie-tx-rate', 'pcie-rx-rate'] as const).map((name) => of(name, { quantity: 'bandwidth', unit: 'B/s' })),
  ]
}

/** Bits of the clock event reasons, as in nvml.h. */
const maskReasons = [
  { reason: 'power-cap', bit: 0x4 },
  { reason: 'hardware-slowdown', bit: 0x8 },
  { reason: 'thermal', bit: 0x20 },
  { reason: 'thermal-hardware', bit: 0x40 },
  { reason: 'power-brake', bit: 0x80 },
] as const

const times = { quantity: 'count', unit: '1', kind: 'counter' } as const

const ofHost = { scope: 'host', subject: 'host' } as const
const ofTarget = { scope: 'process', subject: 'target' } as const

export const procfsChannels: readonly Channel[] = [
  channel('procfs/host/busy', { ...ofHost, ...seconds, role: 'cpu-time' }),
  channel('procfs/host/steal', { ...ofHost, ...seconds, role: 'steal' }),
  channel('procfs/target/cpu', { ...ofTarget, ...seconds, role: 'cpu-time' }),
  channel('procfs/target/memory', { ...ofTarget, quantity: 'memory', unit: 'B', kind: 'gauge', role: 'memory-used' }),
  channel('procfs/target/voluntary-switches', { ...ofTarget, ...times, role: 'voluntary-switches' }),
  channel('procfs/target/involuntary-switches', { ...ofTarget, ...times, role: 'involuntary-switches' }),
  channel('procfs/target/migrations', { ...ofTarget, ...times, role: 'migrations' }),
  channel('procfs/self/cpu', { ...ofTarget, ...seconds, role: 'cpu-time', subject: 'tailwatt' }),
]

/** Counted together each; the first gives its name to the group. */
export const perfGroups = [
  ['cycles', 'instructions', 'branches', 'branch-misses'],
  ['cache-references', 'cache-misses', 'l1d-loads', 'l1d-load-misses'],
] as const

/** Of each group its events, then the times it ran and was enabled. */
export const perfEventChannels: readonly Channel[] = perfGroups.flatMap((names) => {
  const of = (name: string, shape: Omit<Shape, 'scope'>): Channel =>
    channel(`perf-event/target/${name}`, { ...ofTarget, ...shape, group })
  const group = `perf-event/target/${names[0]}`
  return [
    ...names.map((name) => of(name, { ...times, role: name })),
    of(`${names[0]}/running`, { ...seconds, role: 'time-running' }),
    of(`${names[0]}/enabled`, { ...seconds, role: 'time-enabled' }),
  ]
})

/** The `coretemp` driver's, of each package. */
export const hwmonChannels: readonly Channel[] = ['package-0', 'package-1'].map((device) =>
  channel(`hwmon/${device}/temperature`, { ...degrees, kind: 'gauge', scope: 'package', device }),
)

const meter = { scope: 'wall', device: meterDevice, grade: 'A', period_ms: 1000, systematic: 0.01 } as const
export const meterChannels: readonly Channel[] = [
  channel(`shelly/${meterDevice}/power`, { ...meter, quantity: 'power', unit: 'W', kind: 'gauge' }),
  channel(`shelly/${meterDevice}/energy`, { ...meter, ...energy }),
]
