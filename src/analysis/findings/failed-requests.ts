// Requests that failed.
import { percent, type FindingRule } from './finding.ts'

export const failedRequests: FindingRule = {
  id: 'failed-requests',
  title: 'Requests failed',
  explain:
    'Some requests failed. They are counted and left out of the latency series, which then shows the survivors only: an ' +
    'overloaded server that refuses quickly can look fast.',
  find({ document }) {
    const { failed, sent, errors } = document.requests
    const worst = errors[0]
    if (failed === 0 || !worst) return undefined
    const share = failed / sent
    return {
      severity: share > 0.01 ? 'critical' : 'warn',
      title: `${failed} of ${sent} requests failed (${percent(share)}), most often: ${worst.message ?? worst.code}`,
      advice: 'the latency shows the successful ones only',
      evidence: { failed, sent, codes: errors.map((error) => error.code), counts: errors.map((error) => error.count) },
    }
  },
}
