// From channels to devices: which of the readings is the clock, the temperature or the memory of which processor. Knows
// quantities and scopes, not sensors.
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
  const gauges: Gauges = (quantity, of) =>
    channels.flatMap((channel, index) => {
      if (channel.quantity !== quantity || channel.kind === 'counter' || !of(channel)) return []
      return latest(index) ?? []
    })
  return {
    cpu: { clock_mhz: mean(gauges('clock', isMeanClock)), temperature_c: hottest(gauges) },
    gpus: gpusOf(channels).map((device) => gpuReadings(device, gauges)),
  }
}

/** Of a CPU's clocks the mean, not the highest that stands beside it. */
const isMeanClock = (channel: Channel): boolean => !isGpu(channel) && !channel.id.endsWith('-max')

type Gauges = (quantity: Quantity, of: (channel: Channel) => boolean) => readonly number[]

/** The CPU's own sensors; a zone of the board where it has none. */
function hottest(gauges: Gauges): number | null {
  const of = (...scopes: readonly Channel['scope'][]): readonly number[] =>
    gauges('temperature', ({ scope }) => scopes.includes(scope))
  const own = of('package', 'core', 'host')
  const values = own.length > 0 ? own : of('zone', 'system')
  return values.length > 0 ? Math.max(...values) : null
}

function gpuReadings(device: string, gauges: Gauges): GpuReadings {
  const own = (channel: Channel): boolean => isGpu(channel) && deviceOf(channel) === device
  // Several channels may have the quantity: the one whose name says so, else the first.
  const named = (quantity: Quantity, name: RegExp): number | undefined =>
    gauges(quantity, (channel) => own(channel) && name.test(channel.id))[0]
  const one = (quantity: Quantity, name: RegExp): number | null =>
    named(quantity, name) ?? gauges(quantity, own)[0] ?? null
  return {
    device,
    utilisation: one('utilisation', /\/(utilisation|gpu|busy)[^/]*$/),
    memory_used_bytes: one('memory', /used/),
    memory_total_bytes: named('memory', /total/) ?? null,
    clock_mhz: one('clock', /sm|graphics|gfx|core|gt/),
    temperature_c: one('temperature', /\/(temperature|edge|gpu)[^/]*$/),
  }
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
