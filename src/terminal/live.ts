// The line that is shown while a run goes on: how far it is, percentiles so far, watts.
import { printableData } from '../base/printable.ts'
import { formatNumber, type Progress } from '../index.ts'
import { ms } from './figures.ts'

export function liveLine(now: Progress, width: number): string {
  const progress = printableData(now)
  const text = {
    inspect: () => 'looking at the target',
    ceilings: () => 'measuring what this host reaches at most',
    idle: () => progress.message ?? 'measuring idle power',
    'cold-start': () => `cold start ${progress.message ?? ''}`,
    load: () => loadText(progress),
    analyse: () => 'analysing',
    advise: () => `trying ${progress.message ?? 'other settings'}`,
  }[progress.stage]()
  return [...text].slice(0, width - 1).join('')
}

function loadText(progress: Progress): string {
  const { total_s: total, elapsed_s: elapsed, watts } = progress
  const done = total === undefined ? '' : `${bar(Math.min(1, elapsed / total))} `
  const parts = [
    `${elapsed.toFixed(0)} s${total === undefined ? '' : ` of ${total.toFixed(0)} s`}`,
    `${formatNumber(progress.sent)} requests`,
    progress.failed > 0 ? `${formatNumber(progress.failed)} failed` : '',
    progress.p50_ms === undefined ? '' : `p50 ${ms(progress.p50_ms)}`,
    progress.p99_ms === undefined ? '' : `p99 ${ms(progress.p99_ms)}`,
    watts === undefined ? '' : wattText(watts),
  ]
  return done + parts.filter(Boolean).join(' · ')
}

const wattText = ({ low, high, grade }: NonNullable<Progress['watts']>): string =>
  low === high ? `${formatNumber(low)} W` : `${formatNumber(low, 2)} … ${formatNumber(high, 2)} W (${grade})`

const bar = (share: number): string => '█'.repeat(Math.round(share * 10)).padEnd(10, '░')
