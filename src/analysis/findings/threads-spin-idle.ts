// Engine threads that spin while they wait.
import { formatNumber } from '../../units/quantity.ts'
import { engineThreads, type FindingRule } from './finding.ts'

export const threadsSpinIdle: FindingRule = {
  id: 'threads-spin-idle',
  title: 'Engine threads spin while idle',
  explain:
    'Between requests the engine threads wait busily for work. That answers the next request a little faster and costs the ' +
    'CPU time and power of a working thread all the while. --no-spinning switches it off (session.intra_op.allow_spinning).',
  find(input) {
    const { document, series } = input
    const used = document.utilization?.cpu_cores?.value
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
