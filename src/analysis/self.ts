// What measuring itself cost: CPU and spinning of tailwatt's own threads, gaps of the sampler, lag of the drain, and an
// estimate of the watts.
import type { RunEvent } from '../run/table.ts'
import type { SelfSection } from '../run/document.ts'

/** Power of one busy core, W: from small mobile cores to server cores at full clock. A range, because it is a guess. */
const wattsPerCore = { low: 1, high: 15 }

export function selfSection(events: readonly RunEvent[]): SelfSection {
  const own = events.findLast((event): event is RunEvent<'self_usage'> => event.kind === 'self_usage')?.data
  if (!own || !(own.wall_s > 0)) {
    return { cpu_percent: null, spin_percent: null, sample_gap_ms: null, drain_lag_ms: null, watts: null }
  }
  // Threads of the load host that only carry the load are ours; the instances are the target's.
  const threads = events.flatMap((event) =>
    event.kind === 'host_usage' ? [(event as RunEvent<'host_usage'>).data] : [],
  )
  const host = threads.filter((thread) => !thread.thread.startsWith('instance-'))
  const spin = threads.reduce((sum, thread) => sum + thread.spin_s, 0)
  const cpu = own.cpu_s + host.reduce((sum, thread) => sum + thread.cpu_s, 0) + spin
  const cores = cpu / own.wall_s
  return {
    cpu_percent: cores * 100,
    spin_percent: (spin / own.wall_s) * 100,
    sample_gap_ms: {
      p50: own.sample_gap_p50_ms ?? null,
      p99: own.sample_gap_p99_ms,
      max: own.sample_gap_max_ms ?? null,
    },
    drain_lag_ms: { p99: own.drain_lag_p99_ms },
    watts: {
      value: null,
      low: cores * wattsPerCore.low,
      high: cores * wattsPerCore.high,
      n: 1,
      unit: 'W',
      grade: 'D',
      source: 'CPU time × 1 … 15 W for a busy core',
    },
  }
}
