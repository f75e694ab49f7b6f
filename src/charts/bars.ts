// Horizontal bars with names and values: the parts of the cold start, the sizes of batches.
import { formatDuration, formatFixed } from '../units/quantity.ts'
import type { ColdStart } from '../run/sections/latency.ts'
import type { Chart } from './chart.ts'
import { extent } from './scales.ts'
import { drawing, label, line, rect } from './svg.ts'

const width = 640
const rowHeight = 28
const left = 150

interface Row {
  readonly name: string
  readonly value: number
  readonly low?: number | null
  readonly high?: number | null
  readonly text: string
}

function barRows(id: string, title: string, description: string, rows: readonly Row[], head: readonly string[]): Chart {
  const [, most] = extent(rows.flatMap((row) => [row.value, row.high ?? 0])) ?? [0, 0]
  const scale = (value: number): number => left + (Math.max(0, value) / (most || 1)) * (width - left - 120)
  return {
    id,
    title,
    description,
    svg: drawing(
      { id, width, height: rows.length * rowHeight + 8, title, description },
      ...rows.map((row, i) => {
        const y = 4 + i * rowHeight
        const interval =
          row.low === null || row.low === undefined || row.high === null || row.high === undefined
            ? undefined
            : line(scale(row.low), y + 11, scale(row.high), y + 11, 'whisker')
        return [
          label(left - 8, y + 15, row.name, { class: 'tick', 'text-anchor': 'end' }),
          rect({ x: left, y: y + 2, width: scale(row.value) - left, height: rowHeight - 10 }, 'fill-1'),
          interval,
          label(scale(Math.max(row.value, row.high ?? 0)) + 6, y + 15, row.text, { class: 'tick' }),
        ]
      }),
    ),
    table: { head, rows: rows.map((row) => [row.name, row.text]) },
  }
}

export function coldStartChart(cold: ColdStart): Chart | undefined {
  const parts = [
    ['start of the process', cold.process_ms],
    ['engine and model', cold.load_ms],
    ['session', cold.session_ms],
    ['first inference', cold.first_inference_ms],
  ] as const
  const rows = parts.flatMap(([name, figure]): Row[] =>
    figure?.value === null || figure?.value === undefined || !Number.isFinite(figure.value)
      ? []
      : [{ name, value: figure.value, low: figure.low, high: figure.high, text: formatDuration(figure.value * 1e6) }],
  )
  if (rows.length === 0) return undefined
  if (cold.steady_p50_ms !== null && Number.isFinite(cold.steady_p50_ms))
    rows.push({ name: 'a steady inference', value: cold.steady_p50_ms, text: formatDuration(cold.steady_p50_ms * 1e6) })
  const { total_ms: total } = cold
  const description = `From nothing to the first answer: ${formatDuration((total?.value ?? 0) * 1e6)}, mean of ${formatFixed(total?.n ?? 0)} fresh processes. Whiskers are 95 % intervals.`
  return barRows('cold-start', 'Cold start', description, rows, ['part', 'time'])
}

export function batchChart(sizes: Readonly<Record<string, number>>): Chart | undefined {
  const entries = Object.entries(sizes)
    .filter(([, count]) => Number.isFinite(count))
    .sort((a, b) => Number(a[0]) - Number(b[0]))
  if (entries.length === 0) return undefined
  const total = entries.reduce((sum, [, count]) => sum + count, 0)
  const description = `Batch sizes of ${formatFixed(total)} requests: ${entries.map(([size, count]) => `${count} of ${size}`).join(', ')}.`
  return barRows(
    'batches',
    'Batch sizes',
    description,
    entries.map(([size, count]) => ({ name: `batch of ${size}`, value: count, text: String(count) })),
    ['size', 'requests'],
  )
}
