// Percentiles that the samples cannot know yet.
import { hasCaution } from '../../run/caution.ts'
import type { FindingRule } from './finding.ts'

export const tooFewSamples: FindingRule = {
  id: 'too-few-samples',
  title: 'Too few samples for a percentile',
  explain:
    'Fewer than ten samples lie above the percentile, so its value is chance. It takes 10 / (1 − p) samples: 1 000 for p99, ' +
    '10 000 for p99.9. Dependent samples (a queue) count for less.',
  find({ document }) {
    const { latency_ms: latency } = document
    const uncertain = (['p95', 'p99', 'p99_9'] as const).find((key) => hasCaution(latency[key], 'too-few-samples'))
    if (uncertain === undefined || latency.count === 0) return undefined
    const figure = latency[uncertain]
    const needed = { p95: 200, p99: 1000, p99_9: 10_000 }[uncertain]
    const name = uncertain.replace('_', '.')
    return {
      severity: uncertain === 'p99_9' ? 'info' : 'warn',
      title: `${name} is not known yet: ${latency.count} samples, it takes ${needed}`,
      advice: `--requests ${needed}`,
      evidence: { percentile: name, samples: latency.count, needed, value_ms: figure.value },
    }
  },
}
