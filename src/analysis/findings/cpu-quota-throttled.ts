// The CPU quota of the cgroup stopped the target.
import { percent, type FindingRule } from './finding.ts'

export const cpuQuotaThrottled: FindingRule = {
  id: 'cpu-quota-throttled',
  title: 'The CPU quota throttled the target',
  explain:
    'The cgroup ran out of its CPU quota in some periods (100 ms each as a rule) and was stopped until the next. That shows ' +
    'as latency steps of tens of ms. Raise the limit, or use fewer threads so that the quota lasts.',
  find({ document }) {
    const share = document.utilization?.throttled?.value
    if (share === undefined || share === null || share <= 0.005) return undefined
    return {
      severity: share > 0.05 ? 'critical' : 'warn',
      title: `the CPU quota stopped the target in ${percent(share)} of its periods`,
      advice: 'raise the CPU limit of the container, or use fewer --threads',
      evidence: { throttled_share: share, cpu_quota: document.host.cpu_quota },
    }
  },
}
