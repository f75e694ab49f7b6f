// Engine threads against the CPUs they may use.
import { formatNumber } from '../../units/quantity.ts'
import { engineThreads, usableCpus, type FindingRule } from './finding.ts'

export const tooManyThreads: FindingRule = {
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

export const idleCpus: FindingRule = {
  id: 'cpus-left-idle',
  title: 'CPUs left idle in closed loop',
  explain:
    'In closed loop the target is never short of work, yet a part of the CPUs did nothing. More threads per instance lower ' +
    'the latency of models with large operators; more instances with fewer threads raise throughput.',
  find(input) {
    const { document } = input
    const used = document.utilisation?.cpu_cores?.value
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

export const spinning: FindingRule = {
  id: 'threads-spin-idle',
  title: 'Engine threads spin while idle',
  explain:
    'Between requests the engine threads wait busily for work. That answers the next request a little faster and costs the ' +
    'CPU time and power of a working thread all the while. --no-spinning switches it off (session.intra_op.allow_spinning).',
  find(input) {
    const { document, series } = input
    const used = document.utilisation?.cpu_cores?.value
    const threads = engineThreads(input)
    if (used === undefined || used === null || threads === undefined || document.duration_s < 1) return undefined
    let busyNs = 0
    for (const ns of series.service.ns) busyNs += ns
    const busy = busyNs / 1e9 / document.duration_s
    const needed = busy * threads
    // One thread computes with the caller's; only the others can spin.
    if (threads < 2 || busy > 0.8 * document.target.instances || used < needed + 0.3) return undefined
    return {
      severity: 'warn',
      title: `engine threads spin while idle: ${formatNumber(used)} CPUs used, about ${formatNumber(needed)} needed`,
      advice: 'try --no-spinning, or measure both with --advise',
      evidence: { cpu_cores: used, busy_share: busy / document.target.instances, threads },
    }
  },
}
