// Tables of the smaller verbs: runs, the zoo, the doctor's answers.
import { formatPrefixed, type DoctorRow, type RunListing, type ZooRow } from '../index.ts'
import { ms } from './figures.ts'
import { padEnd, table, wrap, type Style } from './style.ts'

export function runTable(runs: readonly RunListing[], s: Style): string {
  if (runs.length === 0) return 'no runs yet: tailwatt run zoo:mobilenetv2\n'
  const rows = runs.map((run) => [
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
  const body = rows.map((row) => [
    row.name,
    formatPrefixed(row.parameters, ''),
    formatPrefixed(row.macs, ''),
    formatPrefixed(row.flops, ''),
    formatPrefixed(row.bytes, 'B'),
    row.input.length > 34 ? `${row.input.slice(0, 33)}…` : row.input,
  ])
  return `${table([head, ...body], [false, true, true, true, true, false]).join('\n')}\n`
}

export function doctorTable(rows: readonly DoctorRow[], s: Style): string {
  const width = Math.max(...rows.map((row) => row.id.length)) + 2
  const lines = rows.flatMap((row) => {
    const mark = row.ok ? s.good('yes') : s.warn('no ')
    const indent = ' '.repeat(width + 5)
    return [
      ...wrap(row.gives, s.width, `${padEnd(row.id, width)}${mark}  `, indent),
      ...(row.reason === null ? [] : wrap(row.reason, s.width, indent).map(row.ok ? s.dim : (line) => line)),
      ...(row.remedy === null ? [] : wrap(row.remedy, s.width, `${' '.repeat(width + 5)}→ `, `${indent}  `)),
    ]
  })
  return `${lines.join('\n')}\n`
}
