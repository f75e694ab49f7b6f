// What the host took away: quota throttling and steal.
import { percent, type FindingRule } from './finding.ts'

export const throttled: FindingRule = {
  id: 'cpu-quota-throttled',
  title: 'The CPU quota throttled the target',
  explain:
    'The cgroup ran out of its CPU quota in some periods (100 ms each as a rule) and was stopped until the next. That shows ' +
    'as latency steps of tens of ms. Raise the limit, or use fewer threads so that the quota lasts.',
  find({ document }) {
    const share = document.utilisation?.throttled?.value
    if (share === undefined || share === null || share <= 0.005) return undefined
    return {
      severity: share > 0.05 ? 'critical' : 'warn',
      title: `the CPU quota stopped the target in ${percent(share)} of its periods`,
      advice: 'raise the CPU limit of the container, or use fewer --threads',
      evidence: { throttled_share: share, cpu_quota: document.host.cpu_quota },
    }
  },
}

export const steal: FindingRule = {
  id: 'cpu-stolen',
  title: 'The hypervisor took CPU time away',
  explain:
    'Steal is time in which a virtual CPU was ready to run and another guest ran instead. It lengthens the tail and cannot ' +
    'be mended from inside: use a dedicated host or another instance type, and compare runs made close together.',
  find({ document }) {
    const share = document.utilisation?.steal?.value
    if (share === undefined || share === null || share <= 0.01) return undefined
    return {
      severity: share > 0.05 ? 'critical' : 'warn',
      title: `${percent(share)} of the CPU time was stolen by other guests`,
      advice: 'measure on a dedicated host; the tail here is partly the neighbours’',
      evidence: { steal_share: share, virtualisation: document.host.virtualisation },
    }
  },
}
