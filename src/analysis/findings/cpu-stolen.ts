// CPU time that other guests of the hypervisor took.
import { percent, type FindingRule } from './finding.ts'

export const cpuStolen: FindingRule = {
  id: 'cpu-stolen',
  title: 'The hypervisor took CPU time away',
  explain:
    'Steal is time in which a virtual CPU was ready to run and another guest ran instead. It lengthens the tail and cannot ' +
    'be mended from inside: use a dedicated host or another instance type, and compare runs made close together.',
  find({ document }) {
    const share = document.utilization?.steal?.value
    if (share === undefined || share === null || share <= 0.01) return undefined
    return {
      severity: share > 0.05 ? 'critical' : 'warn',
      title: `${percent(share)} of the CPU time was stolen by other guests`,
      advice: 'measure on a dedicated host; the tail here is partly the neighbours’',
      evidence: { steal_share: share, virtualisation: document.host.virtualisation },
    }
  },
}
