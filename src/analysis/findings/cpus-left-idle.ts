// CPUs that did nothing in a closed loop.
import { formatNumber } from '../../units/quantity.ts'
import { engineThreads, usableCpus, type FindingRule } from './finding.ts'

export const cpusLeftIdle: FindingRule = {
  id: 'cpus-left-idle',
  title: 'CPUs left idle in closed loop',
  explain:
    'In closed loop the target is never short of work, yet a part of the CPUs did nothing. More threads per instance lower ' +
    'the latency of models with large operators; more instances with fewer threads raise throughput.',
  find(input) {
    const { document } = input
    const used = document.utilization?.cpu_cores?.value
    const cpus = usableCpus(input)
    if (document.load.mode !== 'closed' || engineThreads(input) === undefined || used === undefined || used === null)
      return undefined
    if (used > 0.6 * cpus) return undefined
    return {
      severity: 'info',
      title: `the load used ${formatNumber(used)} of ${Number(cpus.toFixed(2))} CPUs`,
      advice: `more throughput: --instances ${Math.max(2, Math.floor(cpus / Math.max(1, Math.ceil(used))))}; see what pays with --advise`,
      evidence: { cpu_cores: used, cpus, instances: document.target.instances, threads: document.target.threads },
    }
  },
}
