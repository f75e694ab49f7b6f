// What is known about a run without analysing it: written before the first request is sent, completed at the end.
// With the tables it is all an analysis needs, so a killed run can be analysed from what its journal holds.
import type { Channel } from './channel.ts'
import type { Figure } from './figure.ts'
import type { Count, HexId } from './refined.ts'

export interface Manifest {
  readonly schema: 'tailwatt.run/2'
  /** 128 random bits in hex, independent of the folder's name. */
  readonly id: HexId
  /** Human name of the run: target name as used in the folder name. */
  readonly name: string
  /** Shared by repeats and sweeps. */
  readonly group?: string
  readonly state: 'running' | 'complete' | 'interrupted' | 'failed' | 'recovered'
  /** Why it ended early, as an error code and its data, when `state` is failed. */
  readonly failure?: {
    readonly code: string
    readonly data: Readonly<Record<string, string | number | boolean | undefined>>
  }
  /** ISO 8601, wall clock of the host. */
  readonly started_at: string
  readonly tool: ToolFacts
  readonly host: HostFacts
  readonly target: TargetFacts
  readonly load: LoadFacts
  readonly recordings: readonly RecordingFacts[]
  readonly channels: readonly Channel[]
  readonly sla: readonly string[]
  readonly allow_estimates: boolean
  readonly include_warmup: boolean
  /** What would have been given, why it was not, and how to get it. */
  readonly unmeasured: readonly Unmeasured[]
  /** What was said about the electricity and the machine. */
  readonly energy_context?: EnergyContext
  /** What this host reaches at most, as far as it was known when the run began. */
  readonly ceilings?: HostCeilings
  /** Gains found by `--advise`, each from interleaved bursts. */
  readonly advice?: readonly AdviceResult[]
  /** Set when the readings were generated, not taken: every view says so. */
  readonly synthetic?: SyntheticFacts
}

/** A run whose readings were generated to the documented behaviour of a board. */
export interface SyntheticFacts {
  /** The board imitated, as people know it: `NVIDIA H100 PCIe 80 GB`. */
  readonly board: string
  /** One sentence: from what the readings were made. */
  readonly note: string
}

export interface Unmeasured {
  readonly what: string
  readonly reason: string
  readonly remedy: string
}

export interface ToolFacts {
  readonly name: 'tailwatt'
  readonly version: string
  readonly node: string
  /** argv after `tailwatt`, secrets removed. */
  readonly command?: readonly string[]
}

export interface HostFacts {
  readonly os: string
  readonly kernel: string
  readonly arch: string
  readonly cpu_model: string
  readonly cpus_logical: Count
  readonly cpus_physical: number | null
  readonly memory_bytes: number
  /** CPUs' worth of time the cgroup may use; null when unlimited. */
  readonly cpu_quota: number | null
  /** CPUs this process may be scheduled on. */
  readonly cpus_allowed: number
  readonly virtualisation: string | null
  readonly container: boolean
  readonly governor: string | null
  /** Tool clock resolution and cost, measured at start. */
  readonly clock: { readonly id: string; readonly read_ns: number }
  readonly gpus: readonly { readonly name: string; readonly uuid: string; readonly driver: string }[]
}

/** How the values of an input are drawn. */
export type Fill =
  | { readonly kind: 'normal' }
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  /** Uniform integers from 0, below `below`. */
  | { readonly kind: 'ids'; readonly below: number }
  /** 0, 1, 2, … along the last dimension, below `below`. */
  | { readonly kind: 'positions'; readonly below: number }
  | { readonly kind: 'bytes' }
  /** The length of the sequences beside it. */
  | { readonly kind: 'length'; readonly value: number }
  | { readonly kind: 'text' }

export interface TensorFacts {
  readonly name: string
  readonly dtype: string
  /** As the model says: numbers, or names of symbolic dimensions. */
  readonly shape: readonly (number | string)[]
  /** As run. */
  readonly used: readonly number[]
  /** Symbolic dimensions that were filled by our default rather than by the user. */
  readonly defaulted: readonly string[]
  readonly fill: Fill
}

export interface ModelFacts {
  readonly path: string
  readonly bytes: Count
  readonly parameters: Count
  readonly ir_version: number
  readonly opset: number
  readonly nodes: Count
  readonly operators: Readonly<Record<string, Count>>
  /** Per inference (one sample of a batch); null when some shape stayed unknown, with the reason. */
  readonly macs: number | null
  readonly flops: number | null
  readonly macs_unknown?: string
  /** Element type that most multiply-accumulates are of. */
  readonly macs_dtype?: string
  /** What the operators of one request read and write, each alone; null when some shape stayed unknown. */
  readonly traffic?: {
    /** Of tensors stored in the model, each once; of tables only the rows that are looked up. */
    readonly weight_bytes: Count
    readonly activation_bytes: Count
  } | null
  readonly inputs: readonly TensorFacts[]
  readonly outputs: readonly {
    readonly name: string
    readonly dtype: string
    readonly shape: readonly (number | string)[]
  }[]
}

/** What a device or an engine reaches at most. */
export interface Ceiling {
  readonly name: string
  /** `measured` here; `table`: reckoned from cores, clock and width; `datasheet`: the maker's figure for the board. */
  readonly origin: 'measured' | 'table' | 'datasheet'
  /** What was measured or reckoned, from what, or which datasheet. */
  readonly how: string
  /** UUID or name of a GPU; left out: the host's CPUs. */
  readonly device?: string
  readonly threads?: number
  /** Where it was reached through an engine: its execution provider. */
  readonly provider?: string
}

export type Precision = 'float64' | 'float32' | 'tf32' | 'float16' | 'bfloat16' | 'float8' | 'int8'

/** Arithmetic that a device or an engine reaches at most, and whence that is known. */
export interface ComputeCeiling extends Ceiling {
  readonly precision: Precision
  /** Measured: the best burst, from their median to the best. */
  readonly flops_per_s: Figure
}

/** Memory bandwidth that a device reaches at most, and whence that is known. */
export interface BandwidthCeiling extends Ceiling {
  /** Measured: the best burst, from their median to the best. */
  readonly bytes_per_s: Figure
}

export interface HostCeilings {
  /** ISO 8601; null where nothing was measured. */
  readonly measured_at: string | null
  readonly compute: readonly ComputeCeiling[]
  readonly bandwidth: readonly BandwidthCeiling[]
  /** Last-level caches of the CPUs that may be used, together; null where the system does not say. */
  readonly last_level_cache_bytes: number | null
}

/** What turns joules into grams and money: as the user gave it, so that a stored run can be analysed again. */
export interface EnergyContext {
  /** Code of an area of `carbon/grid.ts`. */
  readonly region?: string
  /** The cloud region that was named, `aws:eu-north-1`: its provider's PUE stands where none is given. */
  readonly cloud?: string
  /** Zone of Electricity Maps: its live readings go before the region's average. */
  readonly zone?: string
  readonly grid_g_per_kwh?: number
  /** Power usage effectiveness of the building; the cloud provider's, or 1, when left out. */
  readonly pue?: number
  readonly tariff?: {
    readonly per_kwh: number
    /** As written; empty where none was. */
    readonly currency: string
  }
  /** Embodied emissions (TE), over a life (EL), and the share that is charged (RR/ToR). */
  readonly embodied?: { readonly total_g: number; readonly lifespan_s: number; readonly share: number }
}

/** Blocking targets hold a thread per request; async ones do not; a wire target is a protocol over connections of ours. */
export type Flow = 'blocking' | 'async' | 'wire'

export interface TargetFacts {
  readonly kind: string
  /** As the user wrote it, secrets removed. */
  readonly name: string
  readonly flow: Flow
  readonly instances: Count
  readonly threads: number | null
  readonly batch: Count
  readonly model?: ModelFacts
  /** Of a wire target, once it was reached. */
  readonly client?: ClientFacts
  readonly engine?: {
    readonly name: string
    readonly version: string
    readonly provider: string
    readonly options: Readonly<Record<string, string | number | boolean>>
  }
}

/** How the load is carried to a server. */
export interface ClientFacts {
  /** Who says when an answer came: the kernel when it had its last byte, or we when we saw it. */
  readonly stamps: 'kernel' | 'user'
  /** Why not the kernel. */
  readonly reason?: string
}

export interface LoadFacts {
  readonly mode: 'closed' | 'open'
  /** Requests outstanding in closed loop; for open loop the limit of outstanding requests. */
  readonly concurrency: Count
  readonly rate_per_s: number | null
  readonly arrivals: 'constant' | 'poisson' | null
  readonly pacing: 'sleep' | 'spin'
  /** Threads that carried it; left out: one, or an instance's own. */
  readonly threads?: Count
  readonly seed: number
  readonly for_s: number | null
  readonly requests: number | null
  readonly until: string | null
  readonly max_errors: number
  readonly timeout_ms: number | null
}

export interface RecordingFacts {
  readonly id: Count
  readonly source: string
  /** Which clock its times are on, and how far that clock may be from the run's. */
  readonly clock: {
    readonly id: string
    readonly offset_ns: number
    readonly uncertainty_ns: number
    readonly epoch_wall_ms: number
  }
  /** What is covered, ns since the epoch. */
  readonly from: number
  readonly to: number
}

export interface AdviceResult {
  /** The flag as the user would type it: `--threads 2`. */
  readonly flag: string
  readonly metric: string
  /** Relative change against the settings of the run, −0.31 = 31 % lower; null where it could not be measured. */
  readonly change: number | null
  readonly low: number | null
  readonly high: number | null
  readonly n: Count
  readonly failure?: string
}
