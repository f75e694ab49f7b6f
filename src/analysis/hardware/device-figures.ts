// Figures of GPUs and their parts over the window: shares of time, clocks, bytes a second.
import type { Figure } from '../../run/figure.ts'
import type { ChannelSeries } from '../channels/channel-series.ts'
import { counterDelta } from '../channels/counter-delta.ts'
import { gaugeMean } from '../channels/gauge-mean.ts'
import { type Window, type Figures, rateFigure } from './cpu-figures.ts'

/** Sensors of accelerators, the more precise first: of two that give a name, the first is taken. */
const precedence = ['gpm', 'dcgm', 'nvml', 'amdgpu', 'intel-gpu']

export function deviceFigures(
  all: readonly ChannelSeries[],
  window: Window,
): readonly { readonly device: string; readonly figures: Readonly<Record<string, Figure>> }[] {
  const seconds = (window.to - window.from) / 1e9
  const devices = new Map<string, Figures>()
  const rank = ({ channel }: ChannelSeries): number => {
    const found = precedence.indexOf(channel.id.split('/')[0]!)
    return found < 0 ? precedence.length : found
  }
  const ordered = all.filter((series) => series.channel.device !== undefined).sort((a, b) => rank(a) - rank(b))
  for (const series of ordered) {
    const { channel } = series
    if (channel.scope !== 'gpu' && channel.scope !== 'gpu-memory' && channel.scope !== 'module') continue
    const figure = deviceFigure(series, window, seconds)
    if (!figure) continue
    const name = nameOf(channel.id.split('/').at(-1)!) + (channel.quantity === 'bytes' ? '_per_s' : '')
    const figures = devices.get(channel.device!) ?? {}
    figures[name] ??= figure
    devices.set(channel.device!, figures)
  }
  return [...devices].map(([device, figures]) => ({ device, figures }))
}

export const nameOf = (text: string): string => text.replace(/[-/]/g, '_')

function deviceFigure(series: ChannelSeries, { from, to }: Window, seconds: number): Figure | undefined {
  const { channel } = series
  if (channel.quantity === 'bytes' && channel.kind === 'counter') {
    const rise = counterDelta(series, from, to)
    return rise && rise.n >= 3 ? rateFigure(rise, seconds, 'B/s', channel.id) : undefined
  }
  if (channel.quantity !== 'utilisation' && channel.quantity !== 'bandwidth') return undefined
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
    source: channel.id,
  }
}
