// The run as one HTML page: no network, no other file; opens from `file://`. Verdict first, then figures, findings, charts
// (each with its numbers as a table), and everything one needs to repeat the run.
import { batchChart, coldStartChart } from '../charts/bars.ts'
import type { Chart } from '../charts/chart.ts'
import { composition } from '../charts/composition.ts'
import { histogramChart } from '../charts/histogram-chart.ts'
import { percentilePlot } from '../charts/percentile-plot.ts'
import { powerChart } from '../charts/power-chart.ts'
import { escape } from '../charts/svg.ts'
import { timeline } from '../charts/timeline.ts'
import type { RunDocument } from '../run/document.ts'
import type { Measured } from '../run/ports.ts'
import { formatDuration } from '../units/quantity.ts'
import { ceilingsCard } from './ceilings-card.ts'
import * as parts from './sections.ts'
import { pageScript, pageStyle } from './style.ts'
import { table } from './text.ts'

export function htmlReport(measured: Measured, document: RunDocument): string {
  const recording = document.recordings[0]
  const window = { from: recording?.from ?? 0, to: recording?.to ?? 0 }
  const charts = [
    percentilePlot(document.latency_ms, document.service_ms),
    timeline(measured.requests, document),
    histogramChart(document.latency_ms),
    composition(measured.requests, document),
    powerChart(measured.samples, document.channels, window),
    coldStartChart(document.cold_start),
    batchChart(document.batches.size_distribution),
  ].filter((chart) => chart !== undefined)
  const title = `${document.target.name} – tailwatt`
  const sub = [
    document.load.mode === 'closed'
      ? `closed loop, ${document.load.concurrency} outstanding`
      : `open loop, ${document.load.rate_per_s}/s ${document.load.arrivals}`,
    `${document.requests.sent} requests in ${formatDuration(document.duration_s * 1e9)}`,
    `${document.requests.failed} failed`,
    document.started_at.slice(0, 16).replace('T', ' ') + ' UTC',
  ].join(' · ')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<title>${escape(title)}</title><link rel="icon" href="data:,"><style>${pageStyle}</style></head>
<body><header class="page"><div><h1>${escape(document.target.name)}</h1><p class="sub">${escape(sub)}</p></div><button id="theme" type="button" hidden>Light / dark</button></header>
<main>${parts.verdict(document)}${parts.tiles(document)}
<div class="grid">${parts.findings(document)}${parts.adviceCard(document)}${parts.repeatsCard(document)}</div>
<div class="grid">${charts.map(chartCard).join('')}</div>
<div class="grid">${parts.series(document)}${parts.energyCard(document)}${parts.loadCard(document)}${parts.utilisationCard(document)}${ceilingsCard(document)}${parts.settings(document)}${parts.unmeasured(document)}${parts.selfCard(document)}</div>
</main><footer>Made by tailwatt ${escape(document.tool.version)}. The page holds all it shows; it loads nothing.</footer>
<script>${pageScript}</script></body></html>
`
}

const chartCard = (chart: Chart): string =>
  `<section class="card"><h2>${escape(chart.title)}</h2>${chart.svg}<p class="soft">${escape(chart.description)}</p><details><summary>${escape(chart.title)} as a table</summary>${table(chart.table.head, chart.table.rows, `${chart.title} as a table`)}</details></section>`
