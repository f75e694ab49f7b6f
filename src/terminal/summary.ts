// The summary of a run for a terminal: the verdict, the percentiles with their intervals, what they are made of, energy,
// cold start, findings, and the next command to type. Eighty columns.
import { printable, printableData } from '../base/printable.ts'
import { blockHistogram } from '../charts/blocks.ts'
import {
  formatDuration,
  formatNumber,
  formatPrefixed,
  hasCaution,
  type AdviceResult,
  type RunDocument,
} from '../index.ts'
import { ceilingLines } from './ceiling-lines.ts'
import { energyLines, hardwareLines, thermalLine, type Line } from './energy-lines.ts'
import { ms, msInterval, percentText, signedPercent } from './figures.ts'
import { table, wrap, type Style } from './style.ts'

const label = 14

/** @param run what opens it again: a folder, or `demo:h100` */
export function summary(stored: RunDocument, run: string, s: Style): string {
  const document = printableData(stored)
  const sections = [
    synthetic(document, s),
    header(document, s),
    verdicts(document, s),
    latency(document, s),
    facts(document, s),
    advice(document, s),
    findings(document, s),
    next(document, printable(run), s),
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function synthetic({ synthetic: facts }: RunDocument, s: Style): string[] {
  if (!facts) return []
  return [
    ...wrap(`Synthetic, not measured: generated to imitate ${facts.board}`, s.width).map(s.warn),
    ...wrap(facts.note, s.width).map(s.dim),
  ]
}

function header(document: RunDocument, s: Style): string[] {
  const { target, load, requests, host } = document
  const mode =
    load.mode === 'closed'
      ? `closed loop, ${load.concurrency} outstanding`
      : `open loop, ${load.arrivals} ${formatNumber(load.rate_per_s ?? 0)}/s`
  const state = {
    complete: '',
    interrupted: ', interrupted',
    failed: ', failed',
    recovered: ', recovered',
    running: ', still running',
  }
  const first = `${target.name} · ${mode} · ${formatDuration(document.duration_s * 1e9)} · ${count(requests.sent)} requests${state[document.state]}`
  const settings = [
    target.engine ? `${target.engine.name} ${target.engine.version} ${target.engine.provider}` : target.kind,
    target.threads === null ? '' : `${target.threads} ${target.threads === 1 ? 'thread' : 'threads'}`,
    target.instances > 1 ? `${target.instances} instances` : '',
    target.batch > 1 ? `batch ${target.batch}` : '',
    target.model?.macs ? `${formatPrefixed(target.model.macs, 'MACs')}` : '',
    `${host.cpu_model
      .replace(/\((R|TM)\)|CPU|Processor|@.*$/g, '')
      .replace(/\s+/g, ' ')
      .trim()}, ${Number(Math.min(host.cpu_quota ?? Infinity, host.cpus_allowed).toFixed(2))} CPUs`,
  ].filter(Boolean)
  const defaulted = target.model?.inputs.filter((input) => input.defaulted.length > 0) ?? []
  return [
    ...wrap(s.bold(first), s.width),
    ...wrap(settings.join(' · '), s.width).map(s.dim),
    ...defaulted.flatMap((input) =>
      wrap(
        `shape assumed: ${input.name}=${input.used.join('x')} (change it with --shape ${input.name}=…)`,
        s.width,
      ).map(s.dim),
    ),
  ]
}

const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f')

function verdicts(document: RunDocument, s: Style): string[] {
  return document.sla.flatMap((result) => {
    const mark = { pass: s.good('pass  '), fail: s.bad('FAIL  '), unsure: s.warn('unsure') }[result.verdict]
    const value = result.value === null ? '' : slaValue(result.value, result.unit)
    const reason = result.reason === undefined ? '' : ` – ${result.reason}`
    return wrap(`${result.rule}  ${value}${reason}`, s.width, `${'SLA'.padEnd(label)}${mark}  `, ' '.repeat(label + 8))
  })
}

const slaValue = (value: number, unit: string): string =>
  unit === 'ms'
    ? ms(value)
    : unit === 'ratio'
      ? percentText(value)
      : unit === '1/s'
        ? `${formatNumber(value)}/s`
        : `${formatNumber(value)} ${unit}`

function latency(document: RunDocument, s: Style): string[] {
  const { latency_ms: series } = document
  if (series.count === 0) return [s.bad('no request succeeded')]
  const { bar, from, to } = blockHistogram(series.histogram, { width: 40 })
  const rows = (['p50', 'p90', 'p95', 'p99', 'p99_9', 'p99_99'] as const)
    .filter((key) => !(key === 'p99_99' && series.count < 10_000))
    .map((key) => {
      const figure = series[key]
      const name = `  ${key.replace('_', '.')}`
      return !hasCaution(figure, 'too-few-samples')
        ? [name, s.bold(ms(figure.value)), msInterval(figure)]
        : [name, s.dim(ms(figure.value)), s.dim(`${msInterval(figure)}  too few samples`.trim())]
    })
  rows.push(['  max', ms(series.max!.value), `at ${formatDuration(series.max!.at_s * 1e9)}`])
  const title =
    document.load.mode === 'closed'
      ? 'Response time (closed loop: done − previous done)'
      : 'Response time (planned → done)'
  const more = [
    `mean ${ms(series.mean.value)}`,
    `stddev ${ms(series.stddev.value)}`,
    `jitter ${ms(series.jitter.value)}`,
    `spread ${ms(series.spread.value)}`,
  ].join(' · ')
  return [
    s.bold(title) + s.dim('   95 % interval'),
    ...table(rows, [false, true, false], '   '),
    `  ${more}`,
    `  ${bar}  ${ms(from)} … ${ms(to)}`,
  ]
}

function facts(document: RunDocument, s: Style): string[] {
  const line = (name: string, text: string): string[] =>
    wrap(text, s.width, s.dim(name.padEnd(label)), ' '.repeat(label))
  const {
    service_ms: service,
    queue_wait_ms: queue,
    send_delay_ms: delay,
    binding_ms: binding,
    seen_late_ms: late,
    throughput,
  } = document
  const parts =
    service.count === 0
      ? []
      : line(
          'Made of',
          [
            `service p50 ${ms(service.p50.value)}, p99 ${ms(service.p99.value)}`,
            document.load.mode === 'open' ? `queue wait p99 ${ms(queue.p99.value)}` : '',
            `our send delay p99 ${ms(delay.p99.value)}`,
            late ? `answers seen late p99 ${ms(late.p99.value)}` : '',
            binding ? `binding p50 ${ms(binding.p50.value)}` : '',
          ]
            .filter(Boolean)
            .join(' · '),
        )
  const certificate = document.load_certificate
  const { ok, failed, excluded_warmup: cut } = document.requests
  return [
    ...parts,
    ...line(
      'Throughput',
      `${formatNumber(throughput.inferences_per_s.value ?? Number.NaN)} inferences/s · ${count(ok)} ok, ${count(failed)} failed${cut > 0 ? `, ${count(cut)} of warm-up left out` : ''}`,
    ),
    ...(document.load.mode === 'open'
      ? line(
          'Load',
          certificate.valid
            ? `as asked: ${formatNumber(certificate.achieved_per_s)}/s sent, late by p50 ${ms(certificate.send_delay_ms.p50)}`
            : s.bad('not the load asked for (see findings)'),
        )
      : []),
    ...ceilingLines(document, line),
    ...energyLines(document, line),
    ...thermalLine(document, line),
    ...hardwareLines(document, line),
    ...coldLine(document, line),
    ...line('tailwatt', selfText(document)),
  ]
}

function coldLine(document: RunDocument, line: Line): string[] {
  const { cold_start: cold } = document
  const steady = {
    flat: 'steady from the first request',
    'warm-up': `steady after ${cold.steady_after?.requests ?? 0} requests (${formatDuration((cold.steady_after?.s ?? 0) * 1e9)})`,
    slowdown: 'it slowed down during the run',
    shift: 'its level shifted during the run',
    'no-steady-state': 'it never became steady',
  }[cold.verdict]
  const total = cold.total_ms
  return line(
    'Cold start',
    `${total ? `${ms(total.value)} to the first answer (${total.n} fresh process${total.n === 1 ? '' : 'es'}) · ` : ''}${steady}`,
  )
}

function selfText(document: RunDocument): string {
  const { cpu_percent: cpu, sample_gap_ms: gap } = document.self
  if (cpu === null) return 'its own cost is not known'
  return `its own cost ${formatNumber(cpu, 2)} % of one CPU${gap?.p99 ? ` · sampling gap p99 ${ms(gap.p99)}` : ''}`
}

function advice(document: RunDocument, s: Style): string[] {
  if (!document.advice || document.advice.length === 0) return []
  const flags = [...new Set(document.advice.map((result) => result.flag))]
  const rows = flags.map((flag) => {
    const results = document.advice!.filter((result) => result.flag === flag)
    const cells = [0, 1].map((i) => changeText(results[i]))
    const word = { faster: s.good('faster'), slower: 'slower', unsure: s.dim('unsure'), '': '' }[verdictOf(results)]
    return [`  ${flag}`, ...cells, word]
  })
  return [s.bold('Other settings, against this run’s'), ...table(rows, [false, false, false, false])]
}

function changeText(result: AdviceResult | undefined): string {
  if (result === undefined) return ''
  const { metric, change, low, high, failure } = result
  if (change === null || low === null || high === null) return failure ?? 'too few requests'
  return `${metric} ${signedPercent(change)} (${signedPercent(low)} … ${signedPercent(high)})`.replaceAll(' %', '%')
}

/** By all percentiles together: one that gained and one that lost is no gain. */
function verdictOf(results: readonly AdviceResult[]): 'faster' | 'slower' | 'unsure' | '' {
  if (results.some((result) => result.change === null)) return ''
  const gained = results.some((result) => result.high! < 0)
  const lost = results.some((result) => result.low! > 0)
  return gained === lost ? 'unsure' : gained ? 'faster' : 'slower'
}

function findings(document: RunDocument, s: Style): string[] {
  if (document.findings.length === 0) return []
  const marks = { critical: s.bad('✗'), warn: s.warn('!'), info: s.dim('·') }
  return [
    s.bold('Findings'),
    ...document.findings.flatMap((finding) => [
      ...wrap(finding.title, s.width, `  ${marks[finding.severity]} `, '    '),
      ...(finding.advice === undefined ? [] : wrap(finding.advice, s.width, '    → ', '      ').map(s.dim)),
    ]),
  ]
}

function next(document: RunDocument, run: string, s: Style): string[] {
  const lines = [`tailwatt report ${run}`]
  if (document.target.kind === 'onnx' && !document.advice && !document.synthetic)
    lines.push(`tailwatt run ${document.target.name} --advise`)
  return [s.dim('Next'), ...lines.map((command) => `  ${command}`)]
}
