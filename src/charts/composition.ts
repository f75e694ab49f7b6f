// What a response is made of at each percentile: waiting for a free instance, our own lateness, service.
import { formatDuration, formatFixed } from '../units/quantity.ts'
import type { RunDocument } from '../run/document.ts'
import { phaseCode, type RequestChunk } from '../run/table.ts'
import type { Chart } from './chart.ts'
import { extent } from './scales.ts'
import { drawing, label, rect } from './svg.ts'

const width = 640
const rowHeight = 30
const groups = [
  ['fastest half', 0, 0.5],
  ['p50 – p90', 0.5, 0.9],
  ['p90 – p99', 0.9, 0.99],
  ['above p99', 0.99, 1],
] as const

export function composition(requests: readonly RequestChunk[], document: RunDocument): Chart | undefined {
  const rows = rowsOf(requests, document.requests.excluded_warmup)
  if (rows.length < 100) return undefined
  rows.sort((a, b) => a.response - b.response)
  const bars = groups.map(([name, from, to]) => {
    const part = rows.slice(
      Math.floor(from * rows.length),
      Math.max(Math.floor(to * rows.length), Math.floor(from * rows.length) + 1),
    )
    const mean = (read: (row: Row) => number): number => part.reduce((sum, row) => sum + read(row), 0) / part.length
    return {
      name,
      n: part.length,
      wait: mean((r) => r.wait),
      delay: mean((r) => r.delay),
      service: mean((r) => r.service),
    }
  })
  const [, largest] = extent(bars.map((bar) => bar.wait + bar.delay + bar.service)) ?? [0, 0]
  const left = 100
  const scale = (value: number): number => (Math.max(0, value) / (largest > 0 ? largest : 1)) * (width - left - 92)
  const tail = bars.at(-1)!
  const total = tail.wait + tail.delay + tail.service
  const description =
    `Above p99 a response takes ${ms(total)} in the mean: ${share(tail.wait, total)} waiting in the queue, ` +
    `${share(tail.service, total)} service, ${share(tail.delay, total)} our own delay.`
  const height = 34 + bars.length * rowHeight
  const keys = [
    ['queue wait', 'fill-2'],
    ['our delay', 'fill-3'],
    ['service', 'fill-1'],
  ] as const
  return {
    id: 'composition',
    title: document.load.mode === 'open' ? 'Waiting or working' : 'What the time goes to',
    description,
    svg: drawing(
      { id: 'composition', width, height, title: 'Composition of the response time', description },
      ...keys.map(([name, fill], i) => [
        rect({ x: left + i * 110, y: 6, width: 12, height: 12 }, fill),
        label(left + 18 + i * 110, 16, name, { class: 'tick' }),
      ]),
      ...bars.map((bar, i) => {
        const y = 28 + i * rowHeight
        const parts = [
          [bar.wait, 'fill-2'],
          [bar.delay, 'fill-3'],
          [bar.service, 'fill-1'],
        ] as const
        let x = left
        return [
          label(left - 8, y + 16, bar.name, { class: 'tick', 'text-anchor': 'end' }),
          ...parts.map(([value, fill]) => {
            const drawn = rect({ x, y, width: scale(value), height: rowHeight - 8 }, fill)
            x += scale(value)
            return drawn
          }),
          label(x + 6, y + 16, ms(bar.wait + bar.delay + bar.service), { class: 'tick' }),
        ]
      }),
    ),
    table: {
      head: ['requests', 'count', 'queue wait', 'our delay', 'service'],
      rows: bars.map((bar) => [bar.name, String(bar.n), ms(bar.wait), ms(bar.delay), ms(bar.service)]),
    },
  }
}

const ms = (ns: number): string => formatDuration(ns)
const share = (part: number, whole: number): string =>
  `${formatFixed(whole > 0 ? Math.round((part / whole) * 100) : 0)} %`

interface Row {
  readonly response: number
  readonly wait: number
  readonly delay: number
  readonly service: number
}

/** Successful requests of the load after the cut prefix, which counts in send order as the figures do. */
function rowsOf(requests: readonly RequestChunk[], prefix: number): Row[] {
  const load = phaseCode('load')
  const all: { readonly scheduled: number; readonly ok: boolean; readonly row: Row }[] = []
  for (const chunk of requests) {
    for (let i = 0; i < chunk.length; i++) {
      if (chunk.phase[i] !== load) continue
      const scheduled = chunk.scheduled[i]!
      const row = {
        response: chunk.done[i]! - scheduled,
        wait: chunk.ready[i]! - scheduled,
        delay: chunk.started[i]! - chunk.ready[i]!,
        service: chunk.done[i]! - chunk.started[i]!,
      }
      if (Object.values(row).every(Number.isFinite)) all.push({ scheduled, ok: chunk.status[i] === 0, row })
    }
  }
  all.sort((a, b) => a.scheduled - b.scheduled)
  return all.slice(prefix).flatMap(({ ok, row }) => (ok ? [row] : []))
}
