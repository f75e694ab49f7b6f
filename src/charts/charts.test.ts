// Every chart with numbers that no chart can draw: it draws what can be drawn, and no attribute or text is ever NaN.
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PowerStack } from '../analysis/energy/power-stack.ts'
import type { ThermalSeries } from '../analysis/hardware/thermal-series.ts'
import { render, type Html } from '../base/html.ts'
import type { Channel } from '../run/channel.ts'
import type { ThermalSection } from '../run/sections/hardware.ts'
import type { EnergyStep } from '../run/sections/energy.ts'
import type { ColdStart } from '../run/sections/latency.ts'
import { parseRunDocument } from '../run/schema.ts'
import { upgradeDocument } from '../run/upgrade.ts'
import type { RequestChunk } from '../run/table.ts'
import { batchChart, coldStartChart } from './bars.ts'
import type { Chart } from './chart.ts'
import { composition } from './composition.ts'
import { energyChainChart } from './energy-chain-chart.ts'
import { heatChart } from './heat-chart.ts'
import { histogramChart } from './histogram-chart.ts'
import { liveChart, type LiveChart } from './live-chart.ts'
import { percentilePlot } from './percentile-plot.ts'
import { powerStackChart } from './power-stack-chart.ts'
import { exact, linear, logarithmic, percentile } from './scales.ts'
import { timeline } from './timeline.ts'

const stored = new URL('../../test/fixtures/runs/v1/run.json', import.meta.url)
const document = parseRunDocument(upgradeDocument(JSON.parse(readFileSync(stored, 'utf8')), 'v1'))

const huge = [1e308, -1e308, 1e150, 1e20, -1e20]
const tiny = [5e-324, -5e-324, 1e-300, 1e-12]
const none = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
const number = fc.oneof(
  fc.constantFrom(...none, ...huge, ...tiny, 0, -0, 1, 1, -1),
  fc.double(),
  fc.double({ min: -10, max: 100, noNaN: true }),
)
const numbers = fc.array(number, { minLength: 1, maxLength: 12 })

/** The data with each of its numbers from the list, again and again; lists cut to `most`. */
function disturbed<T>(data: T, values: readonly number[], most = Number.POSITIVE_INFINITY): T {
  let at = 0
  const visit = (each: unknown): unknown => {
    if (typeof each === 'number') return values[at++ % values.length]
    if (Array.isArray(each)) return each.slice(0, most).map(visit)
    if (typeof each !== 'object' || each === null) return each
    return Object.fromEntries(Object.entries(each).map(([key, value]) => [key, visit(value)]))
  }
  return visit(data) as T
}

function drawn(chart: Chart | Html | undefined): void {
  if (!chart) return
  const page =
    'svg' in chart ? `${render(chart.svg)}${JSON.stringify([chart.description, chart.table])}` : render(chart)
  expect(page).not.toMatch(/NaN|Infinity|undefined|null/)
  expect(page).not.toMatch(/ (?:x|y|x1|x2|y1|y2|cx|cy|r|width|height)="(?!-?\d+(?:\.\d)?")/)
  expect(page).not.toMatch(/ (?:width|height|r)="-/)
  expect(page).not.toMatch(/ d="(?!(?:[ML]-?[\d.]+ -?[\d.]+|Z)+")/)
}

const figure = { value: 5, low: 4, high: 6, n: 3 }
const cold: ColdStart = {
  ...document.cold_start,
  process_ms: figure,
  load_ms: figure,
  session_ms: figure,
  first_inference_ms: figure,
  total_ms: figure,
  steady_p50_ms: 2,
}
const channel = (quantity: Channel['quantity'], scope: Channel['scope']): Channel => ({
  id: `s/${scope}/${quantity}`,
  sensor: 's',
  quantity,
  unit: 'J',
  kind: 'counter',
  scope,
  device: 'd',
})
const times = [0, 1, 2, 3, 4, 5]
const watts = (value: number): number[] => times.slice(1).map(() => value)
const layer = { channel: channel('energy', 'package'), watts: watts(30), idle: 10, joules: figure }
const stack: PowerStack = {
  edges: times,
  layers: [layer, { ...layer, channel: channel('energy', 'gpu') }],
  outer: { channels: [channel('power', 'wall')], watts: watts(90), idle: 25, joules: figure },
  unattributed: figure,
  estimate: { low: watts(5), high: watts(40) },
  phases: [
    { name: 'idle', from: 0, to: 1 },
    { name: 'load', from: 1, to: 5 },
  ],
  window: { from: 1, to: 5 },
  gaps: [{ from: 2, to: 3, channel: 's/gpu/energy' }],
}
const course = (quantity: Channel['quantity']): ThermalSeries['clocks'][number] => ({
  channel: channel(quantity, 'gpu'),
  at: times.map((t) => [t, 50 + t] as const),
})
const heat: ThermalSeries = {
  to: 5,
  temperatures: [course('temperature'), course('temperature')],
  clocks: [course('clock')],
  throttled: [{ device: 'd', reason: 'power cap', seconds: [[1, 2] as const, [3, 4] as const] }],
  service: times.map((from) => ({ from, ms: 2 })),
}
const stats = { channel: 'c', unit: 'degC', start: 1, min: 1, max: 2, end: 2 }
const thermal = {
  temperatures: [stats],
  clocks: [],
  throttled: [],
  coincidence: { throttled_s: 1, free_s: 4, throttled_ms: 3, free_ms: 2, change: figure, excess_share: 0.5 },
} as unknown as ThermalSection
const chain: readonly EnergyStep[] = (['wall', 'platform', 'devices', 'process', 'inference'] as const).map(
  (level) => ({
    level,
    joules: { ...figure, grade: 'B' },
    watts: { ...figure, grade: 'B' },
    parts: [{ kind: 'target' as const, scope: 'package', joules: figure }],
    unaccounted: figure,
  }),
)
const names = {
  wall: 'wall',
  system: 'host',
  platform: 'psys',
  devices: 'devices',
  process: 'process',
  inference: 'one',
}
const live: LiveChart = {
  id: 'live',
  title: 'Live',
  description: 'what it shows',
  at: times,
  until: 9,
  y: { name: 'power', format: (value) => `${value.toFixed(1)} W` },
  lines: [{ name: 'line', values: times, className: 'series-1' }],
  dots: { name: 'dots', values: times },
  areas: [
    { name: 'area', values: times, className: 'fill-1' },
    { name: 'rest', values: times, className: 'fill-2', hatched: true },
  ],
  range: { name: 'range', low: times, high: times },
}

function requests(values: readonly number[], length: number): RequestChunk {
  const column = (offset: number): Float64Array =>
    Float64Array.from({ length }, (_, i) => values[(i * 5 + offset) % values.length]! * 1e6 + (offset + i) * 1e6)
  return {
    length,
    phase: new Uint8Array(length),
    status: new Uint16Array(length),
    scheduled: column(0),
    ready: column(1),
    started: column(2),
    done: column(3),
  } as unknown as RequestChunk
}

const charts: Readonly<Record<string, (values: readonly number[], most: number) => Chart | Html | undefined>> = {
  'cold start': (values) => coldStartChart(disturbed(cold, values)),
  'batch sizes': (values) => batchChart({ 1: values[0]!, 8: values.at(-1)! }),
  histogram: (values, most) => histogramChart(disturbed(document.latency_ms, values, most)),
  percentiles: (values, most) =>
    percentilePlot(disturbed(document.latency_ms, values, most), disturbed(document.service_ms, [...values, 1], most)),
  timeline: (values, most) => timeline([requests(values, most * 6)], document),
  composition: (values, most) => composition([requests(values, most * 40)], document),
  'energy chain': (values, most) => energyChainChart(disturbed(chain, values, most), names),
  'power over time': (values, most) => powerStackChart(disturbed(stack, values, most), []),
  heat: (values, most) => heatChart(disturbed(heat, values, most), disturbed(thermal, values), []),
  live: (values, most) => liveChart(disturbed(live, values, most)),
  'live, logarithmic': (values, most) =>
    liveChart(disturbed({ ...live, y: { ...live.y, logarithmic: true } }, values, most)),
}

describe('numbers that cannot be drawn', () => {
  test.each(Object.keys(charts))('%s', (name) => {
    const chart = charts[name]!
    for (const value of [...none, ...huge, ...tiny, 0, -1, 7]) for (const most of [1, 2, 9]) drawn(chart([value], most))
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 9 }), (values, most) => drawn(chart(values, most))),
      { numRuns: 100 },
    )
  })

  test('what can be drawn beside them is drawn', () => {
    const values = [1, Number.NaN, 3, Number.POSITIVE_INFINITY, 5, 6]
    const svg = render(liveChart({ ...live, lines: [{ name: 'line', values, className: 'only' }] })!)
    expect(svg).toMatch(/<path d="M[\d. ]+M[\d. ]+M[\d. ]+L[\d. ]+" class="only"/)
  })
})

test('a scale takes any domain, ends, and has few ticks that lie on it', () => {
  fc.assert(
    fc.property(number, number, number, (from, to, value) => {
      for (const scale of [
        linear(from, to, 0, 100),
        exact(from, to, 0, 100),
        logarithmic(from, to, 0, 100),
        percentile(Math.abs(from), 0, 100),
      ]) {
        expect(scale.ticks.length).toBeLessThan(1000)
        for (const tick of scale.ticks) expect(scale(tick)).toSatisfy((at: number) => at > -1e3 && at < 1e3)
        expect(Number.isNaN(scale(value)) && Number.isFinite(value)).toBe(false)
      }
    }),
    { numRuns: 1000 },
  )
})
