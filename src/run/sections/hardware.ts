// The hardware in `run.json`: how busy, how hot, and what measuring itself cost.
import type { Figure } from '../figure.ts'
import type { BandwidthCeiling, ComputeCeiling } from '../manifest.ts'
import type { Count } from '../refined.ts'

/** A temperature or a clock over the measured window. */
export interface GaugeSummary {
  readonly channel: string
  readonly unit: string
  readonly start: number
  readonly max: number
  readonly min: number
  readonly end: number
}

export interface ThermalSection {
  readonly temperatures: readonly GaugeSummary[]
  readonly clocks: readonly GaugeSummary[]
  /** One row a device and reason that held it back, from cumulative counters, else from the mask as sampled. */
  readonly throttled: readonly {
    readonly device: string
    readonly reason: string
    /** Heat, rather than a power limit. */
    readonly thermal: boolean
    /** Share of the window; null where only occurrences are counted. */
    readonly share: Figure | null
    readonly times: number | null
    readonly source: string
  }[]
  /** Service times of seconds with throttling against those without: a coincidence, not a cause. Null without both kinds. */
  readonly coincidence: {
    readonly throttled_s: Count
    readonly free_s: Count
    readonly throttled_ms: number | null
    readonly free_ms: number | null
    /** Relative change of the mean service time, with its interval. */
    readonly change: Figure | null
    /** Share of all service time above the unthrottled level that fell into throttled seconds. */
    readonly excess_share: number | null
  } | null
}

export interface UtilizationSection {
  /** CPUs' worth of time used by the load host during the load, e.g. 1.9 of 2. */
  readonly cpu_cores: Figure | null
  readonly host_busy: Figure | null
  readonly steal: Figure | null
  /** Share of periods in which the cgroup quota throttled us. */
  readonly throttled: Figure | null
  readonly peak_memory_bytes: number | null
  /** Instructions per cycle, miss rates, switches, pressure: by name, of the target where the counter knows it. */
  readonly cpu?: Readonly<Record<string, Figure>>
  /** Utilisation, occupancy, bandwidth of each accelerator, by name, e.g. `sm_occupancy`. */
  readonly devices?: readonly { readonly device: string; readonly figures: Readonly<Record<string, Figure>> }[]
  /** What the model computed: its exact FLOPs an inference times the inferences a second. */
  readonly flops_per_s?: Figure | null
  /** Model FLOPs utilisation: `flops_per_s` over `peak`. */
  readonly mfu?: Figure | null
  /** What `mfu` is a share of. */
  readonly peak?: ComputeCeiling | null
  /** FLOPs for each byte that the operators of one request read and write, each alone, without caches: FLOP/B. */
  readonly arithmetic_intensity?: Figure | null
  readonly memory?: readonly MemoryTraffic[]
  /** All that is known of what this host and its devices reach; bests of the model's precision first. */
  readonly ceilings?: {
    readonly measured_at: string | null
    readonly compute: readonly ComputeCeiling[]
    readonly bandwidth: readonly BandwidthCeiling[]
  }
}

/** Bytes a second between a processor and its memory. */
export interface MemoryTraffic {
  /** GPU; left out: the host's CPUs. */
  readonly device?: string
  /** `counted` by the hardware; `computed`: what the weights alone must move, at least. */
  readonly kind: 'counted' | 'computed'
  readonly bytes_per_s: Figure | null
  /** Of the ceiling; null where none is known. */
  readonly share: Figure | null
  /** Name of the ceiling, or what counted the share. */
  readonly of: string | null
  readonly how: string
}

export interface SelfSection {
  readonly cpu_percent: number | null
  readonly spin_percent: number | null
  readonly sample_gap_ms: {
    readonly p50: number | null
    readonly p99: number | null
    readonly max: number | null
  } | null
  readonly drain_lag_ms: { readonly p99: number | null } | null
  readonly watts: Figure | null
}
