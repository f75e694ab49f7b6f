// The parts of the live page as HTML, from the course of the run: how far it is, key figures, charts. Drawn here, swapped in
// by the page. Pure: no clock, no connection.
import { html, type Html } from '../base/html.ts'
import { liveChart, type LiveChart, type Values } from '../charts/live-chart.ts'
import { gradeText, ms, quantity } from '../report/text.ts'
import { tile } from '../report/verdict.ts'
import type { Figure } from '../run/figure.ts'
import type { Progress } from '../run/progress.ts'
import { formatDuration, formatNumber } from '../units/quantity.ts'
import type { LivePoint } from './live-history.ts'

/** HTML by the id of the element that takes it. */
export interface LiveView {
  readonly status: Html
  readonly tiles: Html
  readonly charts: Html
}

export const liveView = (progress: Progress, points: readonly LivePoint[]): LiveView => ({
  status: status(progress),
  tiles: tiles(progress, points),
  charts: charts(points, progress.total_s),
})

const stages = {
  inspect: 'Reading the model',
  ceilings: 'Measuring what this host reaches at most',
  idle: 'Measuring idle power',
  'cold-start': 'Measuring the cold start',
  load: 'Measuring',
  analyse: 'Analysing',
  advise: 'Trying other settings',
} as const

function status({ stage, message, elapsed_s: elapsed, total_s: total, failed, sent }: Progress): Html {
  const done = total === undefined ? '' : ` of ${short(total)} s`
  const word =
    stage === 'load'
      ? `Measuring: ${elapsed.toFixed(0)} s${done} · ${formatNumber(sent)} requests`
      : `${stages[stage]} ${message ?? ''}`.trim()
  const bar =
    stage === 'load' && total !== undefined
      ? html`<progress aria-label="share of the time that is over" max="100" value="${Math.min(100, (100 * elapsed) / total).toFixed(0)}"></progress>`
      : undefined
  const failures =
    failed > 0
      ? html`<p class="bad"><span class="word">${formatNumber(failed)} of ${formatNumber(sent)} requests failed</span></p>`
      : undefined
  return html`<p class="word">${word}</p>${bar}${failures}`
}

function tiles(progress: Progress, points: readonly LivePoint[]): Html {
  const latest = points.at(-1)
  // Over the last seconds, so that the number can be read.
  const lately = points.filter((point) => point.t_s > (latest?.t_s ?? 0) - 2)
  const seconds = lately.reduce((sum, point) => sum + point.s, 0)
  const now = seconds > 0 ? lately.reduce((sum, point) => sum + point.requests, 0) / seconds : undefined
  const watts = (name: string, figure: Figure | undefined): readonly (readonly [string, string, string])[] =>
    figure ? [[name, quantity(figure), gradeText(figure)]] : []
  const rows: readonly (readonly [string, string, string])[] = [
    ['p50 so far', ms(progress.p50_ms), latest?.p50_ms === undefined ? '' : `${ms(latest.p50_ms)} at present`],
    ['p99 so far', ms(progress.p99_ms), latest?.max_ms === undefined ? '' : `largest at present ${ms(latest.max_ms)}`],
    [
      'throughput',
      progress.per_s === undefined ? '–' : `${formatNumber(progress.per_s)}/s`,
      now === undefined ? 'requests a second' : `${formatNumber(now)}/s in the last 2 s`,
    ],
    ...watts('system power', latest?.system_w),
    ...watts('CPU power', latest?.cpu_w),
    ...watts('GPU power', latest?.gpu_w),
  ]
  return html`${rows.map((row) => tile(...row))}`
}

function charts(points: readonly LivePoint[], until: number | undefined): Html {
  const at = points.map((point) => point.t_s)
  const of = (read: (point: LivePoint) => number | undefined): Values => points.map(read)
  const last = (values: Values): number | undefined => values.findLast((value) => value !== undefined)
  const base = { at, ...(until === undefined ? {} : { until }) }
  const rate = of((point) => (point.s > 0 ? point.requests / point.s : undefined))
  // A window in which nothing ended has no latency; the line goes on from the one before.
  const answered = points.filter((point) => point.p50_ms !== undefined)
  const p50 = answered.map((point) => point.p50_ms)
  const clocks = [
    line(
      'CPU',
      of((point) => point.cpu_mhz),
      'series-1',
    ),
    line(
      'GPU (slowest)',
      of((point) => point.gpu_mhz),
      'series-2',
    ),
  ]
  const degrees = [
    line(
      'CPU (hottest)',
      of((point) => point.cpu_c),
      'series-1',
    ),
    line(
      'GPU (hottest)',
      of((point) => point.gpu_c),
      'series-2',
    ),
  ]
  const all: readonly LiveChart[] = [
    {
      ...base,
      at: answered.map((point) => point.t_s),
      id: 'latency',
      title: 'Latency over time',
      description: `Response time of what ended in each half second; the median is now ${ms(last(p50))}.`,
      y: { name: 'response time', format: (value) => formatDuration(value * 1e6, 2), logarithmic: true },
      lines: [
        line(
          'p99',
          of((point) => point.p99_ms),
          'series-3',
        ),
        line('median', p50, 'series-1'),
      ],
      dots: { name: 'largest', values: answered.map((point) => point.max_ms) },
    },
    {
      ...base,
      id: 'throughput',
      title: 'Throughput over time',
      description: `Requests that ended, a second; now ${formatNumber(last(rate) ?? 0)}/s.`,
      y: { name: 'requests a second', format: short },
      lines: [line('requests', rate, 'series-1')],
    },
    power(points, base),
    {
      ...base,
      id: 'temperature',
      title: 'Temperature',
      description: `Now ${degrees.flatMap(({ name, values }) => (last(values) === undefined ? [] : `${name} ${short(last(values)!)} °C`)).join(', ')}.`,
      y: { name: 'temperature', format: (value) => `${short(value)} °C` },
      lines: degrees.filter(({ values }) => last(values) !== undefined),
    },
    {
      ...base,
      id: 'clocks',
      title: 'Clocks',
      description: `Now ${clocks.flatMap(({ name, values }) => (last(values) === undefined ? [] : `${name} ${clock(last(values)!)}`)).join(', ')}.`,
      y: { name: 'clock', format: clock },
      lines: clocks.filter(({ values }) => last(values) !== undefined),
    },
  ]
  const cards = all.flatMap((chart) => {
    const svg = liveChart(chart)
    return svg === undefined ? [] : [card(chart.title, svg, chart.description)]
  })
  const absent = points.length < 5 ? [] : missing(points)
  return html`${cards}${
    absent.length === 0
      ? undefined
      : html`<section class="card"><h2>Not measured on this host</h2><p>${capital(absent.join(', '))}. <code>tailwatt doctor</code> says why, and how to get it.</p></section>`
  }`
}

/** For axes: no more digits than the number needs. */
const short = (value: number): string => (value >= 1000 ? formatNumber(value) : String(Number(value.toPrecision(3))))
const clock = (mhz: number): string =>
  mhz === 0 ? '0' : mhz >= 1000 ? `${short(mhz / 1000)} GHz` : `${short(mhz)} MHz`

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const card = (title: string, svg: Html, description: string): Html =>
  html`<section class="card"><h2>${title}</h2>${svg}<p class="soft">${description}</p></section>`

const line = (
  name: string,
  values: Values,
  className: string,
): { name: string; values: Values; className: string } => ({
  name,
  values,
  className,
})

/** What is measured is stacked; an estimate is a band beside it and never part of the stack. */
function power(points: readonly LivePoint[], base: Pick<LiveChart, 'at' | 'until'>): LiveChart {
  const value = (read: (point: LivePoint) => Figure | undefined): Values =>
    points.map((point) => read(point)?.value ?? undefined)
  const [cpu, gpu, system] = [value((p) => p.cpu_w), value((p) => p.gpu_w), value((p) => p.system_w)]
  const known = (values: Values): boolean => values.some((one) => one !== undefined)
  // What the whole machine draws beyond the parts that are measured.
  const rest = system.map((all, i) =>
    all === undefined ? undefined : Math.max(0, all - (cpu[i] ?? 0) - (gpu[i] ?? 0)),
  )
  const areas = [
    { name: 'CPU', values: cpu, className: 'res-cpu layer' },
    { name: 'GPU', values: gpu, className: 'res-gpu layer' },
    { name: 'unattributed', values: rest, className: 'unattributed', hatched: true },
  ].filter(({ values }) => known(values))
  const estimates = points.map(({ cpu_w }) => (cpu_w?.value === null ? cpu_w : undefined))
  const estimated = estimates.some((figure) => figure !== undefined)
  const names = areas.map(({ name }) => name).join(', ')
  return {
    ...base,
    id: 'power',
    title: areas.length > 0 ? 'Power over time' : 'Power over time (estimate)',
    description: [
      areas.length > 0 ? `Measured, stacked: ${names}; each a mean over a second.` : '',
      estimated ? 'The CPU’s power is an estimate (grade D), shown as a range. It is not measured.' : '',
    ]
      .filter(Boolean)
      .join(' '),
    y: { name: 'power', format: (watts) => `${short(watts)} W` },
    areas,
    ...(known(system) ? { lines: [line('system', system, 'outer')] } : {}),
    ...(estimated
      ? {
          range: {
            name: 'CPU, estimate, grade D',
            low: estimates.map((figure) => figure?.low ?? undefined),
            high: estimates.map((figure) => figure?.high ?? undefined),
          },
        }
      : {}),
  }
}

function missing(points: readonly LivePoint[]): readonly string[] {
  const never = (read: (point: LivePoint) => unknown): boolean => points.every((point) => read(point) === undefined)
  return [
    never((p) => p.cpu_w) && never((p) => p.gpu_w) && never((p) => p.system_w) ? 'power' : '',
    never((p) => p.cpu_c) && never((p) => p.gpu_c) ? 'temperature' : '',
    never((p) => p.cpu_mhz) && never((p) => p.gpu_mhz) ? 'clocks' : '',
  ].filter(Boolean)
}
