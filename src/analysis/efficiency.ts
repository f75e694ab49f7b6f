// Model FLOPs utilisation and energy-delay product. FLOPs are two for each multiply-accumulate; a share of a peak means
// nothing without the peak's origin, so they travel together.
import type { Figure } from '../run/figure.ts'
import { scaled } from './energy/figures.ts'

export interface Peak {
  readonly flops_per_s: number
  readonly origin: 'measured' | 'table' | 'datasheet'
}

/** Achieved FLOP/s of the model over the peak; `undefined` where either is not known. */
export function modelFlopsUtilisation(
  flopsPerInference: number | null,
  inferencesPerS: number,
  peak: Peak | undefined,
): { readonly mfu: number; readonly achieved_flops_per_s: number; readonly peak: Peak } | undefined {
  if (flopsPerInference === null || peak === undefined || !(peak.flops_per_s > 0)) return undefined
  const achieved_flops_per_s = flopsPerInference * inferencesPerS
  return { mfu: achieved_flops_per_s / peak.flops_per_s, achieved_flops_per_s, peak }
}

/** Joules an inference times the seconds it takes, J·s; the energy's interval alone is carried. */
export const energyDelayProduct = (perInference: Figure, delay_s: number): Figure =>
  scaled(perInference, delay_s, 'J·s')
