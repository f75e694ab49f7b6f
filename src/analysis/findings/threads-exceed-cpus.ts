// More engine threads than the CPUs they may use.
import { engineThreads, usableCpus, type FindingRule } from './finding.ts'

export const threadsExceedCpus: FindingRule = {
  id: 'threads-exceed-cpus',
  title: 'More engine threads than CPUs',
  explain:
    'Engine threads times instances exceed the CPUs (or the cgroup quota) the process may use. Threads then wait for each ' +
    'other inside every operator, which lengthens the tail first. Use --threads so that threads × instances ≤ CPUs.',
  find(input) {
    const threads = engineThreads(input)
    if (threads === undefined) return undefined
    const cpus = usableCpus(input)
    const total = threads * input.document.target.instances
    if (total <= cpus + 0.01) return undefined
    const best = Math.max(1, Math.floor(cpus / input.document.target.instances))
    return {
      severity: 'warn',
      title: `${total} engine threads share ${Number(cpus.toFixed(2))} CPUs`,
      advice: best < threads ? `try --threads ${best}` : `try --instances ${Math.max(1, Math.floor(cpus))} --threads 1`,
      evidence: { threads, instances: input.document.target.instances, cpus, quota: input.document.host.cpu_quota },
    }
  },
}
