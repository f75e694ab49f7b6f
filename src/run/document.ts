// `run.json`: the manifest and everything the analyses found. Keys are snake_case with the unit as suffix;
// what was not measured is null with a row in `unmeasured`, never 0.
import type { AdviceResult, BandwidthCeiling, ComputeCeiling, Manifest, Unmeasured } from './manifest.ts'
import type { Figure } from './figure.ts'

export interface LatencySeries {
  readonly count: number
  readonly min: number | null
  readonly mean: number | null
  readonly stddev: number | null
  /** Mean |Lᵢ − Lᵢ₋₁| in send order within a stream. */
  readonly jitter: number | null
  /** p99 − p50. */
  readonly spread: number | null
  readonly p50: Figure
  readonly p90: Figure
  readonly p95: Figure
  readonly p99: Figure
  readonly p99_9: Figure
  readonly p99_99: Figure
  /** `at_s`: when it ended, since the load's first planned request. */
  readonly max: { readonly value: number; readonly at_s: number; readonly request: number } | null
  /** [upper edge in ms, count] of every non-empty bucket, log-linear, at most 0.4 % wide. */
  readonly histogram: readonly (readonly [number, number])[]
}

export interface LoadCertificate {
  readonly asked_per_s: number | null
  readonly achieved_per_s: number
  /** p50, p99 and max of the send delay. */
  readonly send_delay_ms: { readonly p50: number | null; readonly p99: number | null; readonly max: number | null }
  /** Effect sizes of the gaps sent; null in closed loop. */
  readonly arrivals: { readonly cv: number; readonly lag1: number; readonly dispersion: number } | null
  readonly arrivals_ok: boolean
  readonly client_saturated: boolean
  readonly overflow: number
  readonly valid: boolean
  /** One sentence for each reason why it is not valid. */
  readonly reasons: readonly string[]
}

export type WarmupVerdict = 'flat' | 'warm-up' | 'slowdown' | 'shift' | 'no-steady-state'

export interface ColdStart {
  readonly process_ms: Figure | null
  readonly load_ms: Figure | null
  readonly session_ms: Figure | null
  readonly first_inference_ms: Figure | null
  /** Sum of the four: spawn until the first answer. */
  readonly total_ms: Figure | null
  readonly steady_p50_ms: number | null
  /** First inference less the steady median. */
  readonly penalty_ms: Figure | null
  readonly verdict: WarmupVerdict
  /** `s` since the load's first planned request, as in `segments`. */
  readonly steady_after: { readonly requests: number; readonly s: number } | null
  /** Segments of the service-time series between changepoints, for the chart. */
  readonly segments: readonly {
    readonly from_request: number
    readonly to_request: number
    readonly from_s: number
    readonly to_s: number
    readonly level_ms: number
  }[]
}

export type SlaVerdict = 'pass' | 'fail' | 'unsure'

export interface SlaResult {
  readonly rule: string
  readonly metric: string
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
  readonly limit: number
  readonly unit: string
  readonly verdict: SlaVerdict
  /** Why it could not be judged, when `value` is null or only an estimate is known. */
  readonly reason?: string
  /** True when judging needs what this host cannot measure (exit 4). */
  readonly unmeasurable?: boolean
}

export interface Finding {
  readonly id: string
  readonly severity: 'info' | 'warn' | 'critical'
  /** The answer in words, with its number. */
  readonly title: string
  /** What to do, when something can be done; may name a flag. */
  readonly advice?: string
  readonly evidence: Readonly<Record<string, string | number | boolean | null | readonly (string | number)[]>>
  /** Relative change to be had (−0.31 = 31 % less), when it was measured. */
  readonly gain?: Figure & { readonly metric: string }
}

export interface PowerSection {
  readonly system_w: Figure | null
  readonly cpu_w: Figure | null
  readonly gpu_w: Figure | null
}

export interface EnergySection {
  readonly total_j: Figure | null
  readonly per_inference_j: Figure | null
  /** Inferences per second per watt, which is inferences per joule. */
  readonly inferences_per_watt: Figure | null
  readonly flops_per_watt: Figure | null
  /** Operational grams of the measured window; a range where the grid is not known. */
  readonly carbon_g: Figure | null
  readonly carbon?: CarbonSection | null
  /** With a tariff only. */
  readonly cost?: CostSection | null
  /** With embodied emissions only. */
  readonly sci?: SciSection | null
  /** Energy of an inference times the mean service time of its request, J·s. */
  readonly energy_delay_product_js?: Figure | null
  /** By channel scope, for the stacked view: joules of non-overlapping parts. */
  readonly parts: readonly { readonly channel: string; readonly scope: string; readonly joules: Figure }[]
  /** Power of the same sources with no load, from the idle phases before and after it; null where there were none. */
  readonly idle_w?: Figure | null
  /** Energy above idle, of an inference (basis net). */
  readonly net_per_inference_j?: Figure | null
  readonly checks?: readonly EnergyCheck[]
  /** From the socket to one inference, from outside in: what each step shows and what the next one does not. */
  readonly chain?: readonly EnergyStep[]
  /** What the profiled process and tailwatt used of each device. */
  readonly attributed?: readonly Attribution[]
}

/** What the grams were reckoned with; null where it was not known or not said. */
export interface CarbonSection {
  readonly region: string | null
  readonly g_per_kwh: number | null
  readonly low: number
  readonly high: number
  /** The year the electricity was made in. */
  readonly year: number | null
  readonly kind: 'lifecycle' | 'direct' | null
  readonly basis: 'production' | 'consumption' | null
  readonly weighting: 'average' | 'marginal' | null
  readonly source: string
  readonly licence: string | null
  readonly pue: number
  /** Where the PUE comes from; null where it is 1 because nobody gave one. */
  readonly pue_source?: string | null
  readonly per_inference_g: Figure | null
  /** The cloud region that was named. */
  readonly cloud?: string
  /** What was read while the load ran, where it was. */
  readonly live?: LiveIntensity | null
}

/** The grid's intensity as a live source gave it over the measured window. */
export interface LiveIntensity {
  readonly zone: string
  /** Mean over the window, each reading weighted by the time it stood. */
  readonly g_per_kwh: number
  /** Least and greatest reading. */
  readonly low: number
  readonly high: number
  readonly readings: number
  /** Share of the window that readings of at most an hour's age cover. */
  readonly coverage: number
  /** Whether a reading was the source's own estimate rather than measured generation; null where it does not say. */
  readonly estimated: boolean | null
  readonly year: number
}

/** What the electricity of the window costs; figures in units of the currency. */
export interface CostSection {
  readonly per_kwh: number
  /** As written; empty where none was. */
  readonly currency: string
  /** What is paid for is the building's energy. */
  readonly pue: number
  readonly total: Figure
  readonly per_inference: Figure | null
  readonly per_million: Figure | null
}

/** Software Carbon Intensity (ISO/IEC 21031:2024) with its inputs: ((E × I) + M) per R. */
export interface SciSection {
  readonly per_inference_g: Figure | null
  /** E, the building's overhead in it; its scope is the boundary. */
  readonly energy_kwh: Figure
  /** I; null where only a range is known, see `carbon`. */
  readonly g_per_kwh: number | null
  /** E × I. */
  readonly operational_g: Figure
  /** M = TE × (TiR/EL) × (RR/ToR). */
  readonly embodied_g: number
  /** TE. */
  readonly total_embodied_g: number
  /** EL. */
  readonly lifespan_s: number
  /** TiR: the length of the measured window. */
  readonly reserved_s: number
  /** RR/ToR. */
  readonly share: number
  /** R. */
  readonly functional_unit: 'inference'
  readonly units: number
}

/** Two readings held against each other over the measured window. */
export interface EnergyCheck {
  /** `same`: both count the same joules; `within`: `what` lies inside `against`, the residual is what is unaccounted. */
  readonly kind: 'same' | 'within'
  readonly what: string
  readonly against: string
  readonly joules: Figure
  readonly against_joules: Figure
  /** `against` less `what`. */
  readonly residual_j: number | null
  readonly residual_w: number | null
  /** The residual in J with its interval; `null` where a value is missing. */
  readonly residual?: Figure | null
  /** False where the intervals exclude it; null where a value is missing. */
  readonly agrees: boolean | null
}

/**
 * One step of the chain wall ⊃ system ⊃ platform ⊃ devices ⊃ process, and one inference. A step that was not measured has
 * no joules, but the reason and the remedy.
 */
export interface EnergyStep {
  /** `wall`: an external meter; `system`: board, BMC or battery; `platform`: psys; `devices`: packages, DRAM, GPUs together. */
  readonly level: 'wall' | 'system' | 'platform' | 'devices' | 'process' | 'inference'
  /** Over the measured window; of the level `inference`, of one. */
  readonly joules: Figure | null
  /** `null` for an inference. */
  readonly watts: Figure | null
  /** What it is made of: devices; processes; an inference's energy gross, net and of the process alone. */
  readonly parts: readonly { readonly name: string; readonly scope: string; readonly joules: Figure }[]
  /** What this step shows beyond the next inner one that was measured, J; `null` without one. It may be negative. */
  readonly unaccounted: Figure | null
  readonly missing?: { readonly reason: string; readonly remedy: string }
}

export interface Attribution {
  /** `target` or `tailwatt`. */
  readonly process: string
  /** Channel or channels of the device. */
  readonly device: string
  /** What the device's energy is shared by: `CPU time`, `GPU process utilisation`. */
  readonly by: string
  readonly share: Figure
  readonly joules: Figure
  /** What was shared out: the device's energy, gross or net as the figure's basis says. */
  readonly of_joules: number
}

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
    readonly throttled_s: number
    readonly free_s: number
    readonly throttled_ms: number | null
    readonly free_ms: number | null
    /** Relative change of the mean service time, with its interval. */
    readonly change: Figure | null
    /** Share of all service time above the unthrottled level that fell into throttled seconds. */
    readonly rise_share: number | null
  } | null
}

/** What a power sensor's own readings say about it. */
export interface SensorCharacter {
  readonly channel: string
  /** Between updates; null where it updates at least as often as it was read. */
  readonly period_ms: number | null
  /** Over which a reading averages. */
  readonly window_ms: number | null
  /** Whether the sensor's description says so or the rise at the load's start does. */
  readonly window_from: 'declared' | 'step' | null
  /** Smallest change seen, in the channel's unit. */
  readonly step: number | null
  /** Between readings, median. */
  readonly poll_ms: number | null
  /** A read of the whole sensor, median. */
  readonly read_us: number | null
  readonly changes: number
}

export interface UtilisationSection {
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

export interface RunDocument extends Omit<Manifest, 'sla'> {
  readonly duration_s: number
  readonly requests: {
    readonly sent: number
    readonly ok: number
    readonly failed: number
    readonly excluded_warmup: number
    readonly errors: readonly { readonly code: string; readonly count: number; readonly message?: string }[]
  }
  readonly throughput: { readonly requests_per_s: number; readonly inferences_per_s: number }
  /** Response time: scheduled → done. The headline. */
  readonly latency_ms: LatencySeries
  readonly service_ms: LatencySeries
  readonly queue_wait_ms: LatencySeries
  readonly send_delay_ms: LatencySeries
  /** Our clock around the call less the engine's own; null where the engine gives none. */
  readonly binding_ms: LatencySeries | null
  readonly load_certificate: LoadCertificate
  readonly batches: { readonly size_distribution: Readonly<Record<string, number>> }
  readonly cold_start: ColdStart
  readonly power: PowerSection
  readonly energy: EnergySection
  readonly utilisation: UtilisationSection | null
  readonly thermal?: ThermalSection | null
  readonly sensors?: readonly SensorCharacter[]
  readonly batching: null
  readonly operators: null
  readonly io: null
  readonly sla: readonly SlaResult[]
  readonly findings: readonly Finding[]
  readonly unmeasured: readonly Unmeasured[]
  readonly self: SelfSection
  readonly advice?: readonly AdviceResult[]
  /** In the last of several repeats: what differed between them. */
  readonly repeats?: RepeatSection
}

/** Values over all runs together; intervals from the differences between the runs. */
export interface RepeatSection {
  readonly runs: readonly string[]
  readonly latency_ms: {
    readonly p50: Figure
    readonly p90: Figure
    readonly p95: Figure
    readonly p99: Figure
    readonly p99_9: Figure
  }
  readonly inferences_per_s: Figure
}
