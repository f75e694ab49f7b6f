// What measuring itself cost: CPU and spinning of tailwatt's own threads, gaps of the sampler, lag of the drain, and an
// estimate of the watts.
import type { RunEvent } from '../../run/event.ts'
import type { Figure } from '../../run/figure.ts'
import type { SelfSection } from '../../run/sections/hardware.ts'

/** Power of one busy core, W: from small mobile cores to server cores at full clock. A range, because it is a guess. */
const wattsPerCore = { low: 1, high: 15 }

/** What is known of the CPU while measuring, where a sensor measured it. */
export interface CpuDraw {
  /** Measured power of the CPU, W; idle where it is known. */
  readonly watts: number | undefined
  readonly idleWatts: number | undefined
  /** CPUs' worth of time all processes used. */
  readonly busyCores: number | undefined
}

export function selfSection(events: readonly RunEvent[], cpu?: CpuDraw): SelfSection {
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
  const used = own.cpu_s + host.reduce((sum, thread) => sum + thread.cpu_s, 0) + spin
  const cores = used / own.wall_s
  return {
    cpu_percent: cores * 100,
    spin_percent: (spin / own.wall_s) * 100,
    sample_gap_ms: {
      p50: own.sample_gap_p50_ms ?? null,
      p99: own.sample_gap_p99_ms,
      max: own.sample_gap_max_ms ?? null,
    },
    drain_lag_ms: { p99: own.drain_lag_p99_ms },
    watts: ownWatts(cores, cpu),
  }
}

/**
 * An estimate, so a range: tailwatt's share of the CPU time times the CPU's measured power, from what is above idle to all of
 * it; without a measured CPU its cores times what a core may draw.
 */
function ownWatts(cores: number, cpu: CpuDraw | undefined): Figure {
  const estimate = { value: null, n: 1, unit: 'W', grade: 'D' } as const
  const { watts, idleWatts, busyCores } = cpu ?? {}
  if (watts === undefined || busyCores === undefined || !(busyCores > 0)) {
    return {
      ...estimate,
      low: cores * wattsPerCore.low,
      high: cores * wattsPerCore.high,
      how: 'CPU time × 1 … 15 W for a busy core',
    }
  }
  const share = Math.min(1, cores / Math.max(busyCores, cores))
  return {
    ...estimate,
    low: share * Math.max(0, watts - (idleWatts ?? watts)),
    high: share * watts,
    how: 'share of the CPU time × measured CPU power, above idle … all of it',
  }
}
