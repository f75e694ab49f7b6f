// Latency over the run: median and p99 of short windows, the largest of each as dots, the cut prefix shaded.
import { measuredStart, loadStart } from '../analysis/requests/load-start.ts'
import { Rows } from '../analysis/requests/rows.ts'
import { formatDuration, formatFixed } from '../units/quantity.ts'
import type { RunDocument } from '../run/document.ts'
import { phaseCode, type RequestChunk } from '../run/table.ts'
import { quantiles } from '../stats/quantile.ts'
import type { Chart } from './chart.ts'
import { frame, height, legend, plot, width } from './frame.ts'
import { extent, linear, logarithmic } from './scales.ts'
import { circle, drawing, label, polyline, rect } from './svg.ts'

const windows = 120

interface Bin {
  readonly at: number
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly n: number
}

export function timeline(requests: readonly RequestChunk[], document: RunDocument): Chart | undefined {
  const rows = new Rows(requests)
  const zero = loadStart(rows, document)
  const bins = binned(requests, zero)
  if (bins.length < 2) return undefined
  const end = bins.at(-1)!.at
  const x = linear(0, end, plot.left, plot.right, 8)
  const medians = extent(bins.map((b) => b.p50)) ?? ([0, 0] as const)
  const [, largest] = extent(bins.map((b) => b.max)) ?? [0, 0]
  const y = logarithmic(medians[0] * 0.9, largest, plot.bottom, plot.top + 24)
  const { excluded_warmup } = document.requests
  const cut = excluded_warmup > 0 ? ((measuredStart(rows, excluded_warmup) ?? zero) - zero) / 1e9 : 0
  const description =
    `Response time over ${formatDuration(end * 1e9)}: the median of each window lies between ` +
    `${ms(medians[0])} and ${ms(medians[1])}.` +
    (cut > 0 ? ` The first ${formatDuration(cut * 1e9)} are warm-up and left out.` : '')
  const shade =
    cut > 0
      ? [
          rect({ x: plot.left, y: plot.top, width: x(cut) - plot.left, height: plot.bottom - plot.top }, 'cut'),
          label(x(cut) + 4, plot.bottom - 6, 'warm-up cut', { class: 'tick' }),
        ]
      : undefined
  return {
    id: 'timeline',
    title: 'Latency over time',
    description,
    svg: drawing(
      { id: 'timeline', width, height, title: 'Latency over time', description },
      shade,
      frame(
        { scale: x, name: 'time of the request', format: (value) => `${Number(value.toPrecision(3))} s` },
        { scale: y, name: 'response time', format: (value) => formatDuration(value * 1e6, 2) },
      ),
      bins.map((b) => circle(x(b.at), y(b.max), 1.6, 'dot')),
      polyline(
        bins.map((b) => [x(b.at), y(b.p99)] as const),
        'series-3',
      ),
      polyline(
        bins.map((b) => [x(b.at), y(b.p50)] as const),
        'series-1',
      ),
      legend([
        ['median', 'series-1'],
        ['p99', 'series-3'],
        ['largest', 'dot-key'],
      ]),
    ),
    table: {
      head: ['time', 'requests', 'median', 'p99', 'largest'],
      rows: thin(bins, 20).map((b) => [`${formatFixed(b.at, 1)} s`, String(b.n), ms(b.p50), ms(b.p99), ms(b.max)]),
    },
  }
}

const ms = (value: number): string => formatDuration(value * 1e6)

const thin = <T>(items: readonly T[], most: number): readonly T[] =>
  items.filter((_, i) => i % Math.ceil(items.length / most) === 0)

/** @param zero of the times, ns since the epoch */
function binned(requests: readonly RequestChunk[], zero: number): readonly Bin[] {
  const load = phaseCode('load')
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  let total = 0
  const each = (visit: (scheduled: number, response: number) => void): void => {
    for (const chunk of requests)
      for (let i = 0; i < chunk.length; i++)
        if (chunk.phase[i] === load && chunk.status[i] === 0 && Number.isFinite(chunk.done[i]! - chunk.scheduled[i]!))
          visit(chunk.scheduled[i]!, chunk.done[i]! - chunk.scheduled[i]!)
  }
  each((scheduled) => {
    from = Math.min(from, scheduled)
    to = Math.max(to, scheduled)
    total++
  })
  if (total < 2 || to <= from) return []
  const count = Math.min(windows, Math.max(2, Math.floor(total / 5)))
  const size = (to - from) / count
  const place = (scheduled: number): number => Math.min(count - 1, Math.floor((scheduled - from) / size))
  const counts = new Uint32Array(count)
  each((scheduled) => void counts[place(scheduled)]!++)
  const values = Array.from(counts, (n) => new Float64Array(n))
  counts.fill(0)
  each((scheduled, response) => {
    const bin = place(scheduled)
    values[bin]![counts[bin]!++] = response / 1e6
  })
  return values.flatMap((bin, i) => {
    if (bin.length === 0) return []
    const [p50, p99, max] = quantiles(bin, [0.5, 0.99, 1])
    return [{ at: (from - zero + (i + 0.5) * size) / 1e9, p50: p50!, p99: p99!, max: max!, n: bin.length }]
  })
}
