// What a channel says, where its quantity and scope leave that open: a closed list, so that the analysis and an exporter find
// a reading without knowing sensors. Energies and powers have none: quantity, scope and device name them.

export type ChannelRole =
  // Of the host, a process or a cgroup; `subject` says which.
  /** CPU time used, s. */
  | 'cpu-time'
  /** CPU time that the hypervisor gave to others, s. */
  | 'steal'
  /** Threads that were ready and had no CPU, s. */
  | 'run-queue-wait'
  | 'context-switches'
  | 'voluntary-switches'
  | 'involuntary-switches'
  | 'migrations'
  | 'page-faults'
  | 'page-faults-minor'
  | 'page-faults-major'
  | 'disk-read'
  | 'disk-written'
  /** Resident memory of a process; of a device what is allocated. */
  | 'memory-used'
  | 'memory-total'
  // Limits of a cgroup, and how often it met them.
  | 'quota-periods'
  | 'quota-throttled'
  | 'quota-throttled-time'
  | 'memory-high'
  | 'memory-max'
  | 'memory-oom'
  | 'memory-oom-kill'
  // Pressure stall information: time in which some, or all, of the work waited for a resource.
  | 'psi-cpu-some'
  | 'psi-cpu-full'
  | 'psi-memory-some'
  | 'psi-memory-full'
  | 'psi-io-some'
  | 'psi-io-full'
  // Events of the processor, as `perf list` calls them.
  | 'task-clock'
  | 'cycles'
  | 'instructions'
  | 'branches'
  | 'branch-misses'
  | 'cache-references'
  | 'cache-misses'
  | 'l1d-loads'
  | 'l1d-load-misses'
  | 'llc-loads'
  | 'llc-load-misses'
  | 'stalled-cycles-frontend'
  | 'stalled-cycles-backend'
  | 'slots'
  | 'topdown-retiring'
  | 'topdown-bad-spec'
  | 'topdown-fe-bound'
  | 'topdown-be-bound'
  /** Time the counters of a `group` counted, and the time they were to count. */
  | 'time-running'
  | 'time-enabled'
  // Bytes between the processor and its memory.
  | 'memory-read'
  | 'memory-write'
  | 'memory-traffic'
  // Of a device. Shares, bytes and rates are figures of the run under these names, `_` for `-`.
  | 'temperature'
  | 'junction-temperature'
  | 'memory-temperature'
  /** Of several cores the mean. */
  | 'core-clock'
  | 'highest-core-clock'
  | 'memory-clock'
  | 'utilization'
  | 'utilization-memory'
  | 'utilization-npu'
  /** Awake, busy or not: an upper bound of the utilisation. */
  | 'active'
  | 'idle-time'
  /** Time the engines of a device worked for a process. */
  | 'engine-time'
  | 'graphics'
  | 'sm-utilization'
  | 'sm-occupancy'
  | 'dram-utilization'
  // Pipes of an SM.
  | 'tensor'
  | 'hmma'
  | 'dmma'
  | 'imma'
  | 'integer'
  | 'fp64'
  | 'fp32'
  | 'fp16'
  // Links.
  | 'pcie-generation'
  | 'pcie-width'
  | 'pcie-tx'
  | 'pcie-rx'
  | 'pcie-rate'
  | 'pcie-tx-rate'
  | 'pcie-rx-rate'
  | 'nvlink-tx-rate'
  | 'nvlink-rx-rate'
  | 'xgmi-read'
  | 'xgmi-write'
  | 'dram-read-rate'
  | 'dram-write-rate'

/** Whose time, memory or bytes; a channel of a device itself has none. */
export type ChannelSubject = 'host' | 'target' | 'tailwatt' | 'cgroup'
