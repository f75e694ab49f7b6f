// What each hardware figure is called, and in which order they stand. A figure that is not listed is shown under its own name.
import type { Figure } from '../../run/figure.ts'

type Names = readonly (readonly [string, string])[]

export const deviceNames: Names = [
  ['utilization', 'busy (any kernel running)'],
  ['graphics', 'graphics and compute engine'],
  ['sm_utilization', 'SMs with a warp'],
  ['sm_occupancy', 'SM occupancy'],
  ['tensor', 'tensor pipes'],
  ['any_tensor', 'tensor pipes'],
  ['hmma', 'tensor pipes, FP16'],
  ['imma', 'tensor pipes, integer'],
  ['dmma', 'tensor pipes, FP64'],
  ['fp16', 'FP16 pipe'],
  ['fp32', 'FP32 pipe'],
  ['fp64', 'FP64 pipe'],
  ['integer', 'integer pipe'],
  ['dram_utilization', 'DRAM bandwidth in use'],
  ['dram', 'DRAM bandwidth in use'],
  ['utilization_memory', 'memory controller busy'],
  ['process_utilization', 'of the profiled process'],
  ['pcie_tx_rate', 'PCIe sent'],
  ['pcie_rx_rate', 'PCIe received'],
  ['pcie_tx_per_s', 'PCIe sent'],
  ['pcie_rx_per_s', 'PCIe received'],
  ['nvlink_tx_rate', 'NVLink sent'],
  ['nvlink_rx_rate', 'NVLink received'],
]

export const cpuNames: Names = [
  ['ipc', 'instructions per cycle'],
  ['cache_hit_rate', 'cache hits'],
  ['l1d_hit_rate', 'L1 data cache hits'],
  ['llc_hit_rate', 'last-level cache hits'],
  ['branch_miss_rate', 'branches mispredicted'],
  ['stalled_frontend', 'cycles without instructions to start'],
  ['stalled_backend', 'cycles waiting for data or units'],
  ['topdown_retiring', 'slots used'],
  ['topdown_bad_speculation', 'slots lost to wrong speculation'],
  ['topdown_frontend_bound', 'slots without instructions to start'],
  ['topdown_backend_bound', 'slots waiting for data or units'],
  ['memory_read_bytes_per_s', 'memory read'],
  ['memory_write_bytes_per_s', 'memory written'],
  ['memory_traffic_bytes_per_s', 'memory read and written'],
  ['migrations_per_s', 'migrations between CPUs'],
  ['context_switches_per_s', 'context switches'],
  ['page_faults_per_s', 'page faults'],
  ['run_queue_wait', 'threads waiting for a CPU'],
  ['counted_share', 'share of the time counted'],
]

/** Named ones in their order, then the rest. */
export function ordered(
  figures: Readonly<Record<string, Figure>>,
  names: Names,
): readonly { readonly key: string; readonly name: string; readonly figure: Figure }[] {
  const known = names.flatMap(([key, name]) => (figures[key] ? [{ key, name, figure: figures[key] }] : []))
  const rest = Object.entries(figures)
    .filter(([key]) => !names.some(([name]) => name === key))
    .map(([key, figure]) => ({ key, name: unlisted(key), figure }))
  return [...known, ...rest]
}

/** `psi_cpu_some` → `pressure: CPU, some`; `involuntary_switches_per_s` → `involuntary switches`. */
function unlisted(key: string): string {
  const pressure = /^psi_(cgroup_)?(cpu|memory|io)_(some|full)$/.exec(key)
  if (!pressure) return key.replace(/(?:_bytes)?_per_s$/, '').replaceAll('_', ' ')
  const [, cgroup, resource, kind] = pressure
  return `pressure${cgroup ? ' of the cgroup' : ''}: ${resource === 'memory' ? resource : resource!.toUpperCase()}, ${kind}`
}

/** Hits are what people ask for: 1 − misses, the interval turned round. */
export const withHitRates = (figures: Readonly<Record<string, Figure>>): Readonly<Record<string, Figure>> =>
  Object.fromEntries(
    Object.entries(figures).map(([key, figure]) =>
      /(?:cache|l1d|llc)_miss_rate$/.test(key) ? [key.replace('miss', 'hit'), complement(figure)] : [key, figure],
    ),
  )

function complement(figure: Figure): Figure {
  const from1 = (value: number | null): number | null => (value === null ? null : 1 - value)
  return { ...figure, value: from1(figure.value), low: from1(figure.high), high: from1(figure.low) }
}
