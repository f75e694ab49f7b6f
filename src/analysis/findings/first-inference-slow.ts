// What the first inference costs beyond a steady one.
import { formatDuration } from '../../units/quantity.ts'
import type { FindingRule } from './finding.ts'

export const firstInferenceSlow: FindingRule = {
  id: 'first-inference-slow',
  title: 'The first inference is slower than later ones',
  explain:
    'After the session was created the first inference still took much longer than the steady median: memory is allocated, ' +
    'weights are packed, code is compiled. One warm-up request before taking traffic removes it from the tail.',
  find({ document }) {
    const { penalty_ms: penalty, steady_p50_ms: steady } = document.cold_start
    const value = penalty?.value
    if (value === undefined || value === null || !steady || value < 1.5 * steady || value < 5) return undefined
    return {
      severity: 'info',
      title: `the first inference takes ${formatDuration(value * 1e6)} longer than a steady one`,
      advice: 'send one request before taking traffic',
      evidence: { penalty_ms: value, steady_p50_ms: steady },
    }
  },
}
