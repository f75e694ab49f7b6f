// Share of the requests that failed.
import { betaQuantile } from '../stats/beta.ts'
import type { Metric } from './metric.ts'

export const errorRate: Metric = {
  id: 'error_rate',
  unit: 'ratio',
  better: 'lower',
  formula:
    'Failed requests over all requests of the run, warm-up included; interval of a binomial proportion (Clopper–Pearson).',
  read: ({ requests }) => {
    const { sent: n, failed: k } = requests
    if (n === 0) return undefined
    return {
      value: k / n,
      low: k === 0 ? 0 : betaQuantile(0.025, k, n - k + 1),
      high: k === n ? 1 : betaQuantile(0.975, k + 1, n - k),
      n,
      unit: 'ratio',
    }
  },
}
