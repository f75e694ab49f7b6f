// Power and energy in `run.json`, with the chain from wall to inference, its checks and what the sensors are like.
import type { CarbonSection, CostSection, SciSection } from './impact.ts'
import type { Figure } from '../figure.ts'
import type { Count } from '../refined.ts'

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

/** Two readings held against each other over the measured window. */
export interface EnergyCheck {
  /** `same`: both count the same joules; `within`: `what` lies inside `against`, the residual is what is unaccounted. */
  readonly kind: 'same' | 'within'
  /** Ids of the channels of either reading. */
  readonly what: readonly string[]
  readonly against: readonly string[]
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
  readonly parts: readonly EnergyPart[]
  /** What this step shows beyond the next inner one that was measured, J; `null` without one. It may be negative. */
  readonly unaccounted: Figure | null
  readonly missing?: { readonly reason: string; readonly remedy: string }
}

export interface EnergyPart {
  /**
   * `device`: of the channels that `joules` names; `estimate`: of the CPU, from a model; `target`, `tailwatt`: what the process
   * used of the device; `gross`, `net`: all of an inference's energy, and what of it is above idle.
   */
  readonly kind: 'device' | 'estimate' | 'target' | 'tailwatt' | 'gross' | 'net'
  readonly scope: string
  readonly joules: Figure
}

export interface Attribution {
  readonly process: 'target' | 'tailwatt'
  /** Ids of the channels of the device. */
  readonly channels: readonly string[]
  /** What the device's energy is shared by. */
  readonly by: 'cpu-time' | 'gpu-utilization'
  readonly share: Figure
  readonly joules: Figure
  /** What was shared out: the device's energy, gross or net as the figure's basis says. */
  readonly of_joules: number
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
  /** Between readings, median; the fast ones before the load count only where there are no others. */
  readonly poll_ms: number | null
  /** A read of the whole sensor, median. */
  readonly read_us: number | null
  readonly changes: Count
}
