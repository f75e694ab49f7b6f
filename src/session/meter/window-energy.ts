// The energy of a window of live readings. Of a run by the analysis that the run will have; of a monitor from curves, so that
// windows add up (energy-curves.ts). Short windows are bounded by the readings around them.
import { analyseEnergy } from '../../analysis/energy/energy.ts'
import { scaled } from '../../analysis/energy/figures.ts'
import type { Channel } from '../../run/channel.ts'
import type { Figure } from '../../run/figure.ts'
import type { Measured } from '../../run/source.ts'
import type { SampleRing } from '../sensing/sample-ring.ts'

/** Joules by scope; `total` is the host's best account, nothing counted twice. */
export interface WindowEnergy {
  readonly seconds: number
  readonly total: Figure | null
  readonly system: Figure | null
  readonly cpu: Figure | null
  readonly gpu: Figure | null
}

/** @param only channels that count; all when left out. Times are ns since the epoch. */
export function energyBetween(
  ring: SampleRing,
  channels: readonly Channel[],
  from: number,
  to: number,
  only?: (channel: Channel) => boolean,
): WindowEnergy {
  const seconds = (to - from) / 1e9
  if (!(seconds > 0)) return { seconds: 0, total: null, system: null, cpu: null, gpu: null }
  // A channel that is left out keeps its place in the list, so that the rows still fit, but counts nothing.
  const counted = only ? channels.map((channel) => (only(channel) ? channel : mute(channel))) : channels
  const measured = {
    manifest: { channels: counted, unmeasured: [] },
    requests: [],
    batches: [],
    samples: [ring.between(from, to)],
    events: [],
  } as unknown as Measured
  const { power, energy } = analyseEnergy(measured, { from, to, inferences: 0, flopsPerInference: null })
  const joules = (watts: Figure | null): Figure | null => watts && scaled(watts, seconds, 'J')
  return {
    seconds,
    total: energy.total_j,
    system: joules(power.system_w),
    cpu: joules(power.cpu_w),
    gpu: joules(power.gpu_w),
  }
}

const mute = (channel: Channel): Channel => ({
  id: channel.id,
  sensor: channel.sensor,
  quantity: 'count',
  unit: '1',
  kind: 'gauge',
  scope: 'host',
})

/** Mean power of a window. */
export const meanWatts = (joules: Figure | null, seconds: number): Figure | null =>
  joules && seconds > 0 ? scaled(joules, 1 / seconds, 'W') : null

/** The update period of a figure's sources (of every energy or power channel when there is no figure), ns. */
export function periodOf(figure: Figure | null, channels: readonly Channel[], samplingNs: number): number {
  const sources = figure?.source === undefined ? undefined : new Set(figure.source.split(' + '))
  const periods = channels
    .filter(({ id, quantity }) => (sources ? sources.has(id) : quantity === 'energy' || quantity === 'power'))
    .map(({ period_ms, window_ms }) => Math.max(period_ms ?? 0, window_ms ?? 0) * 1e6)
  return Math.max(samplingNs, ...periods)
}

/**
 * ```
 * readings     |---------|---------|---------|
 * window             [------]
 * outer        [---------------------]
 * ```
 * A window with fewer than two update periods in it: its value is right if the power did not change between the readings
 * around it, its interval all that those readings allow: from nothing to everything.
 */
export function boundedBy(figure: Figure | null, outer: Figure | null): Figure | null {
  if (!figure || !outer) return null
  const { statistical: _statistical, systematic: _systematic, ...rest } = figure
  return {
    ...rest,
    low: 0,
    high: outer.high,
    caution: 'fewer than two update periods of its sensor lie within the window; repeat it, and take the mean',
  }
}
