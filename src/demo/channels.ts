// The channels of a demo run: what the sensors of `sensors/` would list on the imitated machine, to the letter (a test holds
// them against those), but with the sensor called `synthetic`, as a replayed recording's is called `replay`.
import type { Channel } from '../run/channel.ts'
import type { Board } from './board.ts'

export const syntheticSensor = 'synthetic'

type Shape = Omit<Channel, 'id' | 'sensor'>

const channel = (id: string, shape: Shape): Channel => ({ id, sensor: syntheticSensor, ...shape })

export const gpuDevice = (board: Board): string => `GPU-synthetic-${board.name}`
export const meterDevice = 'synthetic-meter'

const energy = { quantity: 'energy', unit: 'J', kind: 'counter' } as const
const gpuWatts = { quantity: 'power', unit: 'W', period_ms: 100, grade: 'C' } as const
const gauge = { kind: 'gauge', scope: 'gpu' } as const
const seconds = { quantity: 'time', unit: 's', kind: 'counter' } as const
const degrees = { quantity: 'temperature', unit: 'degC' } as const
const rate = { quantity: 'utilisation', unit: 'ratio', kind: 'average' } as const

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

/** The imitated driver does not answer the fields of PCIe bytes: on a PCIe 5 ×16 link a 32-bit count of them says nothing. */
export function nvmlChannels(board: Board): readonly Channel[] {
  const { windowMs, average, memoryPower } = board.gpu.sensor
  const window = windowMs < 60 ? 25 : 100
  const watts = { ...gpuWatts, systematic: board.gpu.sensor.error } as const
  const instant = { ...watts, kind: 'gauge', window_ms: window } as const
  const device = gpuDevice(board)
  const of = (name: string, shape: Shape): Channel => channel(`nvml/${device}/${name}`, { ...shape, device })
  const throttle = ['power', 'thermal', 'board', 'sw-thermal', 'hw-thermal', 'power-brake']
  const link = { ...gauge, quantity: 'count', unit: '1' } as const
  const clock = { ...gauge, quantity: 'clock', unit: 'MHz' } as const
  const parent = `nvml/${device}/power`
  return [
    of('energy', { ...energy, scope: 'gpu', period_ms: 100, grade: 'B', systematic: board.gpu.sensor.error }),
    of('power', { ...instant, scope: 'gpu' }),
    ...(average ? [of('power-average', { ...watts, kind: 'average', window_ms: 1000, scope: 'gpu' })] : []),
    ...(memoryPower ? [of('power-memory', { ...instant, scope: 'gpu-memory', parent })] : []),
    of('temperature-memory', { ...gauge, ...degrees }),
    ...throttle.map((name) => of(`throttle-${name}`, { ...seconds, scope: 'gpu' })),
    of('temperature', { ...gauge, ...degrees }),
    of('clock-sm', clock),
    of('clock-memory', clock),
    of('throttle', { ...gauge, quantity: 'throttle', unit: '1' }),
    of('memory-used', { ...gauge, quantity: 'memory', unit: 'B' }),
    of('utilisation', { ...rate, scope: 'gpu' }),
    of('utilisation-memory', { ...rate, scope: 'gpu' }),
    of('pcie-generation', link),
    of('pcie-width', link),
    of('process-utilisation', { ...rate, scope: 'process' }),
    of('process-memory', { quantity: 'memory', unit: 'B', kind: 'gauge', scope: 'process' }),
  ]
}

/** Empty for a GPU without GPM. The board's activities are in the order of the metrics' numbers; then the rates. */
export function gpmChannels(board: Board): readonly Channel[] {
  if (!board.gpu.sensor.gpm) return []
  const device = gpuDevice(board)
  const of = (name: string, shape: Pick<Channel, 'quantity' | 'unit'>): Channel =>
    channel(`gpm/${device}/${name}`, { ...shape, kind: 'average', scope: 'gpu', device })
  return [
    ...Object.keys(board.gpu.activity).map((name) => of(name, { quantity: 'utilisation', unit: 'ratio' })),
    ...['pcie-tx-rate', 'pcie-rx-rate'].map((name) => of(name, { quantity: 'bandwidth', unit: 'B/s' })),
  ]
}

const times = { quantity: 'count', unit: '1', kind: 'counter' } as const

export const procfsChannels: readonly Channel[] = [
  channel('procfs/host/busy', { ...seconds, scope: 'host' }),
  channel('procfs/host/steal', { ...seconds, scope: 'host' }),
  channel('procfs/target/cpu', { ...seconds, scope: 'process' }),
  channel('procfs/target/memory', { quantity: 'memory', unit: 'B', kind: 'gauge', scope: 'process' }),
  channel('procfs/target/voluntary-switches', { ...times, scope: 'process' }),
  channel('procfs/target/involuntary-switches', { ...times, scope: 'process' }),
  channel('procfs/target/migrations', { ...times, scope: 'process' }),
  channel('procfs/self/cpu', { ...seconds, scope: 'process' }),
]

/** Counted together each; the first gives its name to the group. */
export const perfGroups = [
  ['cycles', 'instructions', 'branches', 'branch-misses'],
  ['cache-references', 'cache-misses', 'l1d-loads', 'l1d-load-misses'],
] as const

/** Of each group its events, then the times it ran and was enabled. */
export const perfEventChannels: readonly Channel[] = perfGroups.flatMap((names) => {
  const of = (name: string, shape: Omit<Shape, 'scope'>): Channel =>
    channel(`perf-event/target/${name}`, { ...shape, scope: 'process' })
  const group = `perf-event/target/${names[0]}`
  return [
    ...names.map((name) => of(name, { ...times, group })),
    of(`${names[0]}/running`, seconds),
    of(`${names[0]}/enabled`, seconds),
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
