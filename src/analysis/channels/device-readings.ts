// From channels to devices: which of the readings is the clock, the temperature or the memory of which processor. Knows
// quantities, scopes and roles, not sensors.
import type { ChannelRole } from '../../run/channel-role.ts'
import type { Channel, Quantity } from '../../run/channel.ts'
import type { DeviceReadings, GpuReadings } from '../../run/progress.ts'

/** Latest reading of a channel by its index; `undefined` when it has none that is fresh. */
export type LatestReading = (index: number) => number | undefined

export const isGpu = ({ scope }: Channel): boolean => scope === 'gpu' || scope === 'gpu-memory' || scope === 'module'
export const deviceOf = ({ device, sensor }: Channel): string => device ?? sensor

/** The GPUs that any channel is about, in the channels' order. */
export const gpusOf = (channels: readonly Channel[]): readonly string[] => [
  ...new Set(channels.filter(isGpu).map(deviceOf)),
]

export function deviceReadings(channels: readonly Channel[], latest: LatestReading): DeviceReadings {
  // Once over all channels: each is in the group of its GPU, or in that of the CPU and its board.
  const host: Gauge[] = []
  const gpus = new Map<string, Gauge[]>(gpusOf(channels).map((device) => [device, []]))
  channels.forEach((channel, index) => {
    if (channel.kind === 'counter') return
    const value = latest(index)
    if (value !== undefined) (isGpu(channel) ? gpus.get(deviceOf(channel))! : host).push({ channel, value })
  })
  return {
    cpu: {
      // Of a CPU's clocks the mean, not the highest that stands beside it.
      clock_mhz: mean(valuesOf(host, 'clock', ({ role }) => role !== 'highest-core-clock')),
      temperature_c: hottest(host),
    },
    gpus: [...gpus].map(([device, own]) => gpuReadings(device, own)),
  }
}

interface Gauge {
  readonly channel: Channel
  readonly value: number
}

const valuesOf = (
  gauges: readonly Gauge[],
  quantity: Quantity,
  of: (channel: Channel) => boolean = () => true,
): readonly number[] =>
  gauges.flatMap(({ channel, value }) => (channel.quantity === quantity && of(channel) ? [value] : []))

/** The CPU's own sensors; a zone of the board where it has none. */
function hottest(host: readonly Gauge[]): number | null {
  const of = (...scopes: readonly Channel['scope'][]): readonly number[] =>
    valuesOf(host, 'temperature', ({ scope }) => scopes.includes(scope))
  const own = of('package', 'core', 'host')
  const values = own.length > 0 ? own : of('zone', 'system')
  return values.length > 0 ? values.reduce((a, b) => Math.max(a, b)) : null
}

function gpuReadings(device: string, own: readonly Gauge[]): GpuReadings {
  const saying = (quantity: Quantity, role: ChannelRole): number | undefined =>
    valuesOf(own, quantity, (channel) => channel.role === role)[0]
  // Several channels may have the quantity: the one of the role, else the first.
  const one = (quantity: Quantity, role: ChannelRole): number | null =>
    saying(quantity, role) ?? valuesOf(own, quantity)[0] ?? null
  return {
    device,
    utilization: one('utilization', 'utilization'),
    memory_used_bytes: one('memory', 'memory-used'),
    memory_total_bytes: saying('memory', 'memory-total') ?? null,
    clock_mhz: one('clock', 'core-clock'),
    temperature_c: one('temperature', 'temperature'),
  }
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
