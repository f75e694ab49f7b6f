// Tables of the smaller verbs: runs, the zoo, the doctor's answers.
import { printableData } from '../base/printable.ts'
import { formatPrefixed, type DoctorRow, type RunListing, type ZooRow } from '../index.ts'
import { ms } from './figures.ts'
import { padEnd, table, wrap, type Style } from './style.ts'

export function runTable(runs: readonly RunListing[], s: Style): string {
  if (runs.length === 0) return 'no runs yet: tailwatt run zoo:mobilenetv2\n'
  const rows = printableData(runs).map((run) => [
    run.id.slice(0, 8),
    run.started_at.slice(0, 16).replace('T', ' '),
    run.name.length > 24 ? `${run.name.slice(0, 23)}…` : run.name,
    run.state === 'complete'
      ? (run.document?.state ?? 'complete')
      : run.state === 'live'
        ? s.good('measuring')
        : s.warn('cut off'),
    run.document ? ms(run.document.latency_ms.p50.value) : '–',
    run.document ? ms(run.document.latency_ms.p99.value) : '–',
  ])
  const head = ['id', 'started (UTC)', 'name', 'state', 'p50', 'p99'].map(s.dim)
  return `${table([head, ...rows], [false, false, false, false, true, true]).join('\n')}\n`
}

export function zooTable(rows: readonly ZooRow[], s: Style): string {
  const head = ['name', 'parameters', 'MACs', 'FLOPs', 'file', 'input'].map(s.dim)
  const body = printableData(rows).map((row) => [
    row.name,
    formatPrefixed(row.parameters, ''),
    formatPrefixed(row.macs, ''),
    formatPrefixed(row.flops, ''),
    formatPrefixed(row.bytes, 'B'),
    row.input.length > 34 ? `${row.input.slice(0, 33)}…` : row.input,
  ])
  return `${table([head, ...body], [false, true, true, true, true, false]).join('\n')}\n`
}

/** What works first, then what does not, with why and what would help. */
export function doctorTable(answers: readonly DoctorRow[], s: Style): string {
  const rows = printableData(answers)
  const width = Math.max(...rows.map((row) => row.id.length)) + 4
  const indent = ' '.repeat(width)
  const name = (row: DoctorRow): string => `  ${padEnd(row.id, width - 2)}`
  const has = rows
    .filter((row) => row.ok)
    .flatMap((row) => {
      const whole = row.reason === null ? row.gives : `${row.gives} · ${row.reason}`
      return wrap(whole, s.width, name(row), indent)
    })
  const lacks = rows
    .filter((row) => !row.ok)
    .flatMap((row) => [
      ...wrap(row.gives, s.width, name(row), indent),
      ...wrap(row.reason ?? '', s.width, indent).map(s.warn),
      ...(row.remedy === null ? [] : wrap(row.remedy, s.width, `${indent}→ `, `${indent}  `)),
    ])
  const sections = [
    has.length === 0 ? [] : [s.bold('Works on this host'), ...has],
    lacks.length === 0 ? [] : [s.bold('Does not, and what would help'), ...lacks],
  ].filter(({ length }) => length > 0)
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}
