// What the hardware's own counters say about the window: instructions per cycle, miss rates, switches and memory traffic of
// the CPU; utilisation, occupancy and bandwidth of each accelerator, under the names its sensor gives them.
import type { Figure } from '../run/figure.ts'
import { counterRise, gaugeMean, type ChannelSeries, type Rise } from './channel-series.ts'

interface Window {
  readonly from: number
  readonly to: number
}
type Figures = Record<string, Figure>

/** Ratios of two counters of one process: name, part, whole. */
const ratios: readonly (readonly [string, string, string])[] = [
  ['ipc', 'instructions', 'cycles'],
  ['cache_miss_rate', 'cache-misses', 'cache-references'],
  ['l1d_miss_rate', 'l1d-load-misses', 'l1d-loads'],
  ['llc_miss_rate', 'llc-load-misses', 'llc-loads'],
  ['branch_miss_rate', 'branch-misses', 'branches'],
]
const rates: readonly (readonly [string, string])[] = [
  ['context_switches_per_s', 'target/context-switches'],
  ['migrations_per_s', 'target/migrations'],
  ['page_faults_per_s', 'target/page-faults'],
  ['memory_read_bytes_per_s', 'host/memory-read'],
  ['memory_write_bytes_per_s', 'host/memory-write'],
]

/** Empty where nothing was counted. */
export function cpuFigures(all: readonly ChannelSeries[], window: Window): Figures {
  const seconds = (window.to - window.from) / 1e9
  const rise = (id: string): Rise | undefined => {
    const series = all.find(({ channel }) => channel.id === id)
    const found = series && counterRise(series, window.from, window.to)
    return found && found.n >= 3 ? found : undefined
  }
  const figures: Figures = {}
  for (const [name, part, whole] of ratios) {
    const a = rise(`perf/target/${part}`)
    const b = rise(`perf/target/${whole}`)
    if (!a || !b || !(b.value > 0)) continue
    // Both are read together, so what the edges misplace of one they misplace of the other: only the spread of the ratio is
    // left, and the counters themselves are exact.
    const value = a.value / b.value
    figures[name] = {
      value,
      low: value,
      high: value,
      n: Math.min(a.n, b.n),
      unit: name === 'ipc' ? '1' : 'ratio',
      source: `perf/target/${part}`,
    }
  }
  for (const [name, id] of rates) {
    const count = rise(`perf/${id}`)
    if (count) figures[name] = rateFigure(count, seconds, name.includes('bytes') ? 'B/s' : '1/s', `perf/${id}`)
  }
  // Pressure stall information: time in which work waited for a resource, in seconds.
  for (const { channel } of all) {
    if (!/(?:^|\/)psi\//.test(channel.id) || channel.kind !== 'counter' || channel.quantity !== 'time') continue
    const count = rise(channel.id)
    if (count) figures[`psi_${nameOf(channel.id.split('psi/')[1]!)}`] = rateFigure(count, seconds, 'ratio', channel.id)
  }
  return figures
}

function rateFigure(rise: Rise, seconds: number, unit: string, source: string): Figure {
  const value = rise.value / rise.coverage / seconds
  const half = rise.error / seconds
  return { value, low: Math.max(0, value - half), high: value + half, n: rise.n, unit, source }
}

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

const nameOf = (text: string): string => text.replace(/[-/]/g, '_')

function deviceFigure(series: ChannelSeries, { from, to }: Window, seconds: number): Figure | undefined {
  const { channel } = series
  if (channel.quantity === 'bytes' && channel.kind === 'counter') {
    const rise = counterRise(series, from, to)
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
