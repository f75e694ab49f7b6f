// The energy of a window of live readings, and what its sensors can resolve: a short window is bounded by the readings around
// it. How the joules come about is in energy-curves.ts.
import type { Channel } from '../../run/channel.ts'
import type { Figure } from '../../run/figure.ts'
import { scaled } from './figures.ts'

/** Joules by scope; `total` is the host's best account, nothing counted twice. */
export interface WindowEnergy {
  readonly seconds: number
  readonly total: Figure | null
  readonly system: Figure | null
  readonly cpu: Figure | null
  readonly gpu: Figure | null
}

/** Mean power of a window. */
export const meanWatts = (joules: Figure | null, seconds: number): Figure | null =>
  joules && seconds > 0 ? scaled(joules, 1 / seconds, 'W') : null

/** The update period of a figure's sources (of every energy or power channel when there is no figure), ns. */
export function periodOf(figure: Figure | null, channels: readonly Channel[], samplingNs: number): number {
  const sources = figure?.sources && new Set(figure.sources)
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
    cautions: [
      {
        code: 'short-window',
        text: 'fewer than two update periods of its sensor lie within the window; repeat it, and take the mean',
      },
    ],
  }
}
