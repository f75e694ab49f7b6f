// How often each latency occurs, over its logarithm.
import { formatDuration, formatFixed } from '../units/quantity.ts'
import type { LatencySeries } from '../run/sections/latency.ts'
import type { Chart } from './chart.ts'
import { frame, height, plot, width } from './frame.ts'
import { extent, linear, logarithmic } from './scales.ts'
import { drawing, label, line, rect } from './svg.ts'

const bars = 80

export function histogramChart(series: LatencySeries): Chart | undefined {
  if (series.count < 2 || series.min === null || series.max === null || !(series.min > 0)) return undefined
  if (!Number.isFinite(series.min) || !Number.isFinite(series.max.value)) return undefined
  const low = series.min
  const high = Math.max(series.max.value, low * 1.2)
  const x = logarithmic(low, high, plot.left, plot.right)
  const counts = new Float64Array(bars)
  for (const [edge, count] of series.histogram) {
    const share = Math.log(Math.max(edge, low) / low) / Math.log(high / low)
    if (Number.isFinite(share) && count > 0) counts[Math.min(bars - 1, Math.floor(share * bars))]! += count
  }
  const [, most] = extent(counts) ?? [0, 0]
  const y = linear(0, most, plot.bottom, plot.top)
  const step = (plot.right - plot.left) / bars
  const description = `Histogram of ${formatFixed(series.count)} response times from ${ms(low)} to ${ms(series.max.value)}; the line marks p99.`
  const p99 = series.p99.value
  return {
    id: 'histogram',
    title: 'Histogram',
    description,
    svg: drawing(
      { id: 'histogram', width, height, title: 'Histogram of response times', description },
      frame(
        { scale: x, name: 'response time', format: (value) => formatDuration(value * 1e6, 2) },
        { scale: y, name: 'requests', format: (value) => String(value) },
      ),
      ...Array.from(counts, (count, i) =>
        count === 0
          ? undefined
          : rect({ x: plot.left + i * step, y: y(count), width: step - 0.6, height: plot.bottom - y(count) }, 'bar'),
      ),
      p99 === null
        ? undefined
        : [
            line(x(p99), plot.top, x(p99), plot.bottom, 'mark'),
            label(x(p99) + 4, plot.top + 12, 'p99', { class: 'tick' }),
          ],
    ),
    table: {
      head: ['up to', 'requests'],
      rows: Array.from(
        counts,
        (count, i) => [ms(low * (high / low) ** ((i + 1) / bars)), formatFixed(count)] as const,
      ).filter(([, count]) => count !== '0'),
    },
  }
}

const ms = (value: number): string => formatDuration(value * 1e6)
