// What the energy means in `run.json`: grams, money, Software Carbon Intensity.
import type { Figure } from '../figure.ts'
import type { Count } from '../refined.ts'

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
  readonly pue_source?: PueSource | null
  readonly per_inference_g: Figure | null
  /** The cloud region that was named. */
  readonly cloud?: string
  /** What was read while the load ran, where it was. */
  readonly live?: LiveIntensity | null
}

/** As the user gave it, or what a provider publishes for its data centres. */
export type PueSource = 'given' | { readonly provider: string; readonly year: number; readonly source: string }

/** The grid's intensity as a live source gave it over the measured window. */
export interface LiveIntensity {
  readonly zone: string
  /** Mean over the window, each reading weighted by the time it stood. */
  readonly g_per_kwh: number
  /** Least and greatest reading. */
  readonly low: number
  readonly high: number
  readonly readings: Count
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
  readonly units: Count
}
