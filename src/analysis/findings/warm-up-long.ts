// A warm-up that took a large part of the run.
import { formatDuration } from '../../units/quantity.ts'
import { percent, type FindingRule } from './finding.ts'

export const warmUpLong: FindingRule = {
  id: 'warm-up-long',
  title: 'Warm-up took a large part of the run',
  explain:
    'More than a quarter of the requests came before the steady state. They are left out of the headline; what remains may ' +
    'be few. Run longer, or keep them with --include-warmup when users meet them too.',
  find({ document }) {
    const { steady_after } = document.cold_start
    const share = (steady_after?.requests ?? 0) / Math.max(1, document.requests.sent)
    if (steady_after === null || share < 0.25) return undefined
    return {
      severity: 'warn',
      title: `warming up took ${steady_after.requests} requests (${formatDuration(steady_after.s * 1e9)}), ${percent(share)} of the run`,
      advice: 'run longer: --for 60s',
      evidence: { requests: steady_after.requests, seconds: steady_after.s, share },
    }
  },
}
