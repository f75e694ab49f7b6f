// The run as one HTML page: no network, no other file; opens from `file://`. Verdict first, then figures, findings, charts
// (each with its numbers as a table), and everything one needs to repeat the run.
import { html, render, type Html } from '../base/html.ts'
import { powerStack } from '../analysis/energy/power-stack.ts'
import { thermalSeries } from '../analysis/hardware/thermal-series.ts'
import { batchChart, coldStartChart } from '../charts/bars.ts'
import type { Chart } from '../charts/chart.ts'
import { composition } from '../charts/composition.ts'
import { heatChart } from '../charts/heat-chart.ts'
import { histogramChart } from '../charts/histogram-chart.ts'
import { percentilePlot } from '../charts/percentile-plot.ts'
import { powerStackChart } from '../charts/power-stack-chart.ts'
import { timeline } from '../charts/timeline.ts'
import type { RunDocument } from '../run/document.ts'
import type { Measured } from '../run/source.ts'
import { formatDuration } from '../units/quantity.ts'
import { chartCard, section } from './card.ts'
import { loadCard, selfCard, settings, unmeasured } from './conditions.ts'
import { carbonCard } from './energy/carbon-card.ts'
import { chainCard } from './energy/chain-card.ts'
import { energyCard } from './energy/figures-card.ts'
import { checksCard, sensorsCard } from './energy/origin-card.ts'
import { powerCard } from './energy/power-card.ts'
import { adviceCard, findings } from './findings.ts'
import { ceilingsCard } from './hardware/ceilings-card.ts'
import { temperaturesCard, throttleCard } from './hardware/heat-card.ts'
import { utilizationCards } from './hardware/utilization-cards.ts'
import { repeatsCard, series } from './latency.ts'
import { contentPolicy, page } from './page.ts'
import { pageScript, pageStyle } from './style.ts'
import { rules, tiles, verdict } from './verdict.ts'

export function htmlReport(measured: Measured, document: RunDocument): string {
  const parts = [
    { id: 'findings', title: 'Findings', cards: findingCards(document) },
    { id: 'latency', title: 'Latency', cards: latencyCards(measured, document) },
    { id: 'energy', title: 'Power and energy', cards: energyCards(measured, document) },
    { id: 'hardware', title: 'Hardware', cards: hardwareCards(measured, document) },
    { id: 'run', title: 'The run', cards: runCards(document) },
  ].filter(({ cards }) => cards.some((each) => each !== undefined))
  const links = parts.map(({ id, title }) => html`<a href="#${id}">${title}</a>`)
  const { synthetic, target, tool } = document
  const body = html`${banner(document)}<header class="page"><div><h1>${target.name}</h1><p class="sub">${subtitle(document)}</p></div><button id="theme" type="button" hidden>Light / dark</button></header>
<main>${synthetic && html`<p class="synthetic-note">${synthetic.note}</p>`}${verdict(document)}${tiles(document)}
<nav class="parts" aria-label="Parts of the report">${links}</nav>
${parts.map((part) => section(document, part, part.cards))}</main>
<footer>Made by tailwatt ${tool.version}. The page holds all it shows; it loads nothing.</footer>`
  const [styles, scripts] = [[pageStyle], [pageScript]]
  const title = `${synthetic ? 'Synthetic: ' : ''}${target.name} – tailwatt`
  return render(page({ title, policy: contentPolicy(styles, scripts), styles, body, scripts }))
}

/** Stays in sight while one scrolls, so it is short. */
const banner = ({ synthetic }: RunDocument): Html | undefined =>
  synthetic &&
  html`<aside class="synthetic" aria-label="Synthetic run"><strong>Synthetic: not measured.</strong> Generated to imitate ${synthetic.board}.</aside>`

function subtitle(document: RunDocument): string {
  const { load, requests } = document
  return [
    load.mode === 'closed'
      ? `closed loop, ${load.concurrency} outstanding`
      : `open loop, ${load.rate_per_s}/s ${load.arrivals}`,
    `${requests.sent} requests in ${formatDuration(document.duration_s * 1e9)}`,
    `${requests.failed} failed`,
    document.started_at.slice(0, 16).replace('T', ' ') + ' UTC',
  ].join(' · ')
}

const findingCards = (document: RunDocument): readonly (Html | undefined)[] => [
  rules(document),
  findings(document),
  adviceCard(document),
  repeatsCard(document),
]

function latencyCards({ requests }: Measured, document: RunDocument): readonly (Html | undefined)[] {
  const charts: readonly (Chart | undefined)[] = [
    percentilePlot(document.latency_ms, document.service_ms),
    timeline(requests, document),
    histogramChart(document.latency_ms),
    composition(requests, document),
    coldStartChart(document.cold_start),
    batchChart(document.batches.size_distribution),
  ]
  return [...charts.flatMap((chart) => (chart ? [chartCard(chart)] : [])), series(document)]
}

function energyCards(measured: Measured, document: RunDocument): readonly (Html | undefined)[] {
  const stack = powerStack(measured, document)
  return [
    stack ? powerCard(powerStackChart(stack, document.host.gpus)) : undefined,
    chainCard(document),
    energyCard(document),
    carbonCard(document),
    checksCard(document),
    sensorsCard(document),
  ]
}

function hardwareCards(measured: Measured, document: RunDocument): readonly (Html | undefined)[] {
  const course = document.thermal ? thermalSeries(measured, document) : undefined
  return [
    ...utilizationCards(document),
    ceilingsCard(document),
    course && document.thermal
      ? chartCard(heatChart(course, document.thermal, document.host.gpus), undefined, true)
      : undefined,
    throttleCard(document),
    temperaturesCard(document),
  ]
}

const runCards = (document: RunDocument): readonly (Html | undefined)[] => [
  unmeasured(document),
  settings(document),
  loadCard(document),
  selfCard(document),
]
