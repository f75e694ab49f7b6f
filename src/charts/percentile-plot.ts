// Latency over percentile with each nine the same room: what the tail looks like, response and service side by side.
import { formatDuration } from '../units/quantity.ts'
import type { LatencySeries } from '../run/sections/latency.ts'
import type { Chart } from './chart.ts'
import { frame, legend, plot, width, height } from './frame.ts'
import { extent, logarithmic, percentile } from './scales.ts'
import { band, drawing, polyline } from './svg.ts'

const keys = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p99_9', 0.999],
  ['p99_99', 0.9999],
] as const

export function percentilePlot(response: LatencySeries, service: LatencySeries): Chart | undefined {
  if (response.count < 2 || response.min === null || response.max === null) return undefined
  const last = Math.max(0.9, 1 - 1 / response.count)
  const x = percentile(last, plot.left + 4, plot.right - 8)
  const all = [response.min, response.max.value, service.min ?? response.min, service.max?.value ?? 0].filter(
    (v) => v > 0,
  )
  const y = logarithmic(...(extent(all) ?? ([1, 1] as const)), plot.bottom, plot.top + 24)
  const points = (series: LatencySeries) => quantilesOf(series, last).map(([p, ms]) => [x(p), y(ms)] as const)
  const interval = keys.flatMap(([key, p]) => {
    const { low, high } = response[key]
    return low === null || high === null || p > last ? [] : [[x(p), y(low), y(high)] as const]
  })
  const description =
    `Response time by percentile: p50 ${ms(response.p50.value)}, p99 ${ms(response.p99.value)}, ` +
    `largest ${ms(response.max.value)}. The band is the 95 % interval.`
  return {
    id: 'percentiles',
    title: 'Latency by percentile',
    description,
    svg: drawing(
      { id: 'percentiles', width, height, title: 'Latency by percentile', description },
      frame(
        { scale: x, name: 'percentile (each nine the same room)', format: percentileName },
        { scale: y, name: 'latency', format: (value) => formatDuration(value * 1e6, 2) },
      ),
      band(interval, 'interval'),
      polyline(points(service), 'series-2'),
      polyline(points(response), 'series-1'),
      legend([
        ['response', 'series-1'],
        ['service', 'series-2'],
      ]),
    ),
    table: {
      head: ['percentile', 'response', '95 % interval', 'service'],
      rows: [
        ...keys.map(([key]) => [
          key.replace('_', '.'),
          ms(response[key].value),
          `${ms(response[key].low)} … ${ms(response[key].high)}`,
          ms(service[key].value),
        ]),
        ['max', ms(response.max.value), '', ms(service.max?.value ?? null)],
      ],
    },
  }
}

const ms = (value: number | null): string => (value === null ? '–' : formatDuration(value * 1e6))
const percentileName = (p: number): string => (p === 0 ? 'min' : `p${Number((p * 100).toPrecision(8))}`)

/** [p, ms] along the histogram, thinned to what can be seen. */
function quantilesOf(series: LatencySeries, last: number): (readonly [number, number])[] {
  const points: (readonly [number, number])[] = series.min === null || series.min <= 0 ? [] : [[0, series.min]]
  let seen = 0
  for (const [edge, count] of series.histogram) {
    seen += count
    const p = seen / series.count
    if (p > last) break
    if (edge > 0) points.push([p, Math.min(edge, series.max?.value ?? edge)])
  }
  if (series.max && series.max.value > 0) points.push([last, series.max.value])
  return points
}
