// Figures of GPUs and their parts over the window: shares of time, clocks, bytes a second.
import type { Figure } from '../../run/figure.ts'
import { rankOf } from '../channels/by-role.ts'
import type { ChannelSeries } from '../channels/channel-series.ts'
import { counterDelta } from '../channels/counter-delta.ts'
import { isGpu } from '../channels/device-readings.ts'
import { gaugeMean } from '../channels/gauge-mean.ts'
import { type Window, type Figures, rateFigure } from './cpu-figures.ts'

/** Named by the role; of two channels that have one, the higher rank speaks. */
export function deviceFigures(
  all: readonly ChannelSeries[],
  window: Window,
): readonly { readonly device: string; readonly figures: Readonly<Record<string, Figure>> }[] {
  const seconds = (window.to - window.from) / 1e9
  const devices = new Map<string, Figures>()
  const ordered = [...all].sort((a, b) => rankOf(b.channel) - rankOf(a.channel))
  for (const series of ordered) {
    const { device, role, quantity } = series.channel
    if (device === undefined || role === undefined || !isGpu(series.channel)) continue
    const figure = deviceFigure(series, window, seconds)
    if (!figure) continue
    const name = role.replaceAll('-', '_') + (quantity === 'bytes' ? '_per_s' : '')
    const figures = devices.get(device) ?? {}
    figures[name] ??= figure
    devices.set(device, figures)
  }
  return [...devices].map(([device, figures]) => ({ device, figures }))
}

function deviceFigure(series: ChannelSeries, { from, to }: Window, seconds: number): Figure | undefined {
  const { channel } = series
  if (channel.quantity === 'bytes' && channel.kind === 'counter') {
    const rise = counterDelta(series, from, to)
    return rise && rise.n >= 3 ? rateFigure(rise, seconds, 'B/s', [channel.id]) : undefined
  }
  if (channel.quantity !== 'utilization' && channel.quantity !== 'bandwidth') return undefined
  if (channel.kind === 'counter') return undefined
  const mean = gaugeMean(series, from, to)
  if (!mean) return undefined
  const most = channel.unit === 'ratio' ? 1 : Number.POSITIVE_INFINITY
  return {
    value: mean.value,
    low: Math.max(0, mean.value - mean.error),
    high: Math.min(Math.max(most, mean.value), mean.value + mean.error),
    n: mean.n,
    unit: channel.unit,
    sources: [channel.id],
  }
}
