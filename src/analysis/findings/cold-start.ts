// What the first answer of a fresh process costs.
import { formatDuration, formatNumber } from '../../units/quantity.ts'
import { percent, type FindingRule } from './finding.ts'

export const coldStart: FindingRule = {
  id: 'cold-start',
  title: 'The first answer is far slower than the rest',
  explain:
    'Time from starting a fresh process to its first answer, against the steady median. It is what a scale-up or a restart ' +
    'costs the first user. Keep a warm instance, send a warm-up request before taking traffic, or save the optimised model.',
  find({ document }) {
    const { cold_start: cold } = document
    const total = cold.total_ms?.value
    const steady = cold.steady_p50_ms
    if (total === undefined || total === null || !steady || total < 20 * steady || total < 200) return undefined
    const parts: readonly (readonly [string, number | null | undefined])[] = [
      ['starting the process', cold.process_ms?.value],
      ['loading engine and model', cold.load_ms?.value],
      ['creating the session', cold.session_ms?.value],
      ['the first inference', cold.first_inference_ms?.value],
    ]
    const [largest, ms] = [...parts].sort((a, b) => (b[1] ?? 0) - (a[1] ?? 0))[0]!
    return {
      severity: 'info',
      title:
        `the first answer takes ${formatDuration(total * 1e6)}, as long as ${formatNumber(total / steady)} steady ones; ` +
        `${percent((ms ?? 0) / total)} of it is ${largest}`,
      advice: 'keep an instance warm, or send a request before taking traffic',
      evidence: { total_ms: total, steady_p50_ms: steady, largest_part: largest, largest_part_ms: ms ?? null },
    }
  },
}
