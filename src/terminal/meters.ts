// The ticks of `watch` for a terminal: bars that are redrawn in place, one line a tick where there is no terminal, and the
// summary at the end. Pure: a tick in, text out.
import { printableData } from '../base/printable.ts'
import { formatNumber, formatPrefixed, type Figure, type GpuTick, type WatchTick } from '../index.ts'
import { energy, percentText } from './figures.ts'
import { columns, padEnd, padStart, type Style } from './style.ts'

const nameWidth = 8

/** @param history mean or upper watts of the ticks so far, for the small curve */
export function meters(read: WatchTick, history: readonly number[], s: Style): string {
  const tick = printableData(read)
  const { cpu, process, so_far: so } = tick
  const lines = [
    `${s.bold('tailwatt watch')}  ${s.dim(`${tick.t_s.toFixed(0)} s · Ctrl-C ends`)}`,
    '',
    ...meter('CPU', cpu.busy, cpuDetails(tick), s),
    ...tick.gpus.flatMap((gpu, i) => meter(`GPU ${i}`, gpu.utilization, gpuDetails(gpu), s)),
    ...(tick.system.power_w ? meter('system', undefined, [energy(tick.system.power_w)], s) : []),
    ...(process
      ? meter(
          cut(process.name, nameWidth),
          process.state === 'ended' ? undefined : share(process.cpus, cpu.cpus),
          processDetails(process),
          s,
        )
      : []),
    '',
    ...detail('so far', [...totals(tick), so.joules === null ? 'no energy is measured' : ''], s),
    ...curve(history, s),
    ...tick.outages.flatMap(({ sensor, reason }) => detail('lost', [`${cut(sensor, 30)}: ${reason}`], s).map(s.warn)),
  ]
  return lines.join('\n')
}

/** One line of a tick, for a log. */
export function tickLine(read: WatchTick): string {
  const tick = printableData(read)
  const { cpu, process } = tick
  const parts = [
    `${tick.t_s.toFixed(1)} s`,
    [
      'CPU',
      cpu.busy === null ? '' : percentText(cpu.busy),
      cpu.power_w ? watts(cpu.power_w) : '',
      cpu.temperature_c === null ? '' : `${formatNumber(cpu.temperature_c)} °C`,
    ]
      .filter(Boolean)
      .join(' '),
    ...tick.gpus.map((gpu, i) =>
      [`GPU ${i}`, gpu.utilization === null ? '' : percentText(gpu.utilization), gpu.power_w ? watts(gpu.power_w) : '']
        .filter(Boolean)
        .join(' '),
    ),
    tick.system.power_w ? `system ${watts(tick.system.power_w)}` : '',
    process
      ? [
          `${process.name} (${process.pid})`,
          ...(process.state === 'ended' ? ['has ended'] : processParts(process)),
        ].join(' ')
      : '',
    ...tick.outages.map(({ sensor }) => `${sensor} lost`),
  ]
  return parts.filter(Boolean).join(' · ')
}

/** What is said at the end. */
export function watchSummary(last: WatchTick, s: Style): string {
  const { so_far: so } = printableData(last)
  const rows = [
    `${s.bold('watched')} for ${so.s.toFixed(1)} s`,
    so.mean_busy === null
      ? ''
      : `CPU busy ${percentText(so.mean_busy)} in the mean, ${percentText(so.max_busy ?? so.mean_busy)} at most`,
    so.mean_w === null
      ? 'power was not measured: `tailwatt doctor` says how it could be'
      : `power ${energy(so.mean_w)} in the mean, ${so.max_w ? `${watts(so.max_w)} at most` : ''}`,
    so.joules === null ? '' : `energy ${energy(so.joules)}`,
  ]
  return `${rows.filter(Boolean).join('\n')}\n`
}

/** What this host does not tell, in one sentence a row. */
export const missingLines = (tick: WatchTick, s: Style): readonly string[] => {
  const rows = printableData(tick.unmeasured ?? [])
  if (rows.length === 0) return []
  const what = [...new Set(rows.map((row) => row.what))].join(', ')
  return detail('missing', [what, '`tailwatt doctor` says why and how to get it'], s).map(s.dim)
}

/** A name, a bar with its percentage, and details that wrap under them. `undefined`: a row without a bar. */
function meter(name: string, value: number | null | undefined, details: readonly string[], s: Style): string[] {
  if (value === undefined) return detail(name, details, s)
  const size = Math.max(8, Math.min(24, s.width - 56))
  const shown = value === null ? padStart('–', 5) : padStart(percentText(value), 5)
  const colour = value !== null && value >= 0.9 ? s.warn : s.good
  const filled = Math.round(Math.min(1, value ?? 0) * size)
  const drawn = colour('█'.repeat(filled)) + s.dim('░'.repeat(size - filled))
  return wrapped(`${padEnd(name, nameWidth)} ${drawn} ${shown}`, details, s)
}

const detail = (name: string, details: readonly string[], s: Style): string[] =>
  wrapped(padEnd(name, nameWidth), details, s)

/** Details between dots, broken only between them. */
function wrapped(first: string, details: readonly string[], s: Style): string[] {
  const indent = ' '.repeat(nameWidth)
  const lines: string[] = []
  let line = first
  let begun = false
  for (const text of details.filter(Boolean)) {
    const next = `${line}${begun ? ' · ' : '  '}${text}`
    if (columns(next) <= s.width) line = next
    else if (!begun) line = `${line}  ${cut(text, s.width - columns(line) - 2)}`
    else {
      lines.push(line)
      line = `${indent}  ${cut(text, s.width - nameWidth - 2)}`
    }
    begun = true
  }
  return [...lines, line]
}

const cpuDetails = ({ cpu }: WatchTick): string[] => [
  `${cpu.cpus} CPUs`,
  cpu.steal !== null && cpu.steal >= 0.01 ? `${percentText(cpu.steal)} stolen` : '',
  cpu.clock_mhz === null ? '' : clock(cpu.clock_mhz),
  cpu.temperature_c === null ? '' : `${formatNumber(cpu.temperature_c)} °C`,
  cpu.power_w ? energy(cpu.power_w) : 'power not measured',
]

const gpuDetails = (gpu: GpuTick): string[] => [
  gpu.power_w ? energy(gpu.power_w) : 'power not measured',
  gpu.clock_mhz === null ? '' : clock(gpu.clock_mhz),
  gpu.temperature_c === null ? '' : `${formatNumber(gpu.temperature_c)} °C`,
  gpu.memory_used_bytes === null
    ? ''
    : `${formatPrefixed(gpu.memory_used_bytes, 'B')}${gpu.memory_total_bytes === null ? '' : ` of ${formatPrefixed(gpu.memory_total_bytes, 'B')}`}`,
]

const processDetails = (process: NonNullable<WatchTick['process']>): string[] =>
  process.state === 'ended' ? [`process ${process.pid} has ended`] : [`pid ${process.pid}`, ...processParts(process)]

const processParts = ({ cpus, share: part, memory_bytes: memory }: NonNullable<WatchTick['process']>): string[] =>
  [
    cpus === null ? '' : `${formatNumber(cpus, 2)} CPUs`,
    part === null ? '' : `${percentText(part)} of the CPU time used`,
    memory === null ? '' : formatPrefixed(memory, 'B'),
  ].filter(Boolean)

const totals = ({ so_far: so }: WatchTick): string[] => [
  so.joules ? energy(so.joules) : '',
  so.mean_w ? `mean ${watts(so.mean_w)}` : '',
  so.max_w ? `max ${watts(so.max_w)}` : '',
]

const levels = [...'▁▂▃▄▅▆▇█']

function curve(history: readonly number[], s: Style): string[] {
  const shown = history.slice(-(s.width - nameWidth - 24))
  const most = Math.max(...shown)
  if (shown.length < 3 || !(most > 0)) return []
  const marks = shown.map((value) => levels[Math.min(7, Math.floor((value / most) * 8))]).join('')
  return [`${padEnd('power', nameWidth)}  ${s.dim(marks)} ${s.dim(`up to ${formatNumber(most)} W`)}`]
}

/** Value or range with the grade, short. */
function watts(figure: Figure): string {
  const { value, low, high, grade } = figure
  if (value !== null) return `${formatNumber(value)} W (${grade ?? '?'})`
  return low === null || high === null ? '–' : `${formatNumber(low, 2)} … ${formatNumber(high, 2)} W (${grade ?? '?'})`
}

const clock = (mhz: number): string => (mhz >= 1000 ? `${formatNumber(mhz / 1000)} GHz` : `${formatNumber(mhz)} MHz`)
const share = (cpus: number | null, all: number): number | null => (cpus === null ? null : cpus / all)
const cut = (text: string, width: number): string =>
  columns(text) <= width ? text : `${[...text].slice(0, width - 1).join('')}…`
