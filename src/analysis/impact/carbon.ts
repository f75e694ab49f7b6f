// From joules to grams of CO2 equivalent: operational (energy × PUE × intensity of the grid), embodied share, and the
// Software Carbon Intensity of ISO/IEC 21031:2024. Where the grid is not known the answer is a range, never one number.
import type { Embodied } from '../../carbon/embodied.ts'
import type { Figure } from '../../run/figure.ts'
import { scaled } from '../energy/figures.ts'

export const joulesPerKwh = 3.6e6

/** A known intensity, or the lowest and highest it may have. g/kWh. */
export type IntensityInput =
  | { readonly g_per_kwh: number; readonly how: string }
  | { readonly low: number; readonly high: number; readonly how: string }

/** J/3.6e6 × PUE × g/kWh. */
export const operationalGrams = (joules: number, pue: number, gPerKwh: number): number =>
  (joules / joulesPerKwh) * pue * gPerKwh

/** M = TE × (TiR/EL) × (RR/ToR), g; `reserved_s` is TiR. */
export const embodiedGrams = (input: Embodied, reserved_s: number): number =>
  input.total_g * (reserved_s / input.lifespan_s) * input.share

/**
 * The energy's interval and its two half-widths carried to grams. A range of intensity, or an energy that is a range, gives
 * a range without a value.
 */
export function operationalCarbon(energy: Figure, intensity: IntensityInput, pue = 1): Figure {
  const how = [energy.how, intensity.how].filter(Boolean).join('; ')
  const per = (gPerKwh: number): Figure => ({ ...scaled(energy, operationalGrams(1, pue, gPerKwh), 'g'), how })
  if ('g_per_kwh' in intensity) return per(intensity.g_per_kwh)
  // Between two grids there is no half-width: neither part of the energy's uncertainty is what makes the range.
  const { statistical: _, systematic: __, ...least } = per(intensity.low)
  return { ...least, value: null, high: per(intensity.high).high }
}
