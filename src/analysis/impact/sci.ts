// Software Carbon Intensity of an inference: operational and embodied emissions.
import type { Figure } from '../../run/figure.ts'
import type { EnergyContext } from '../../run/manifest.ts'
import type { SciSection } from '../../run/sections/impact.ts'
import { scaled } from '../energy/figures.ts'
import type { CarbonResult } from './carbon-section.ts'
import { embodiedGrams, joulesPerKwh } from './carbon.ts'

export function sciOf(
  total: Figure,
  { inferences, seconds }: { readonly inferences: number; readonly seconds: number },
  context: EnergyContext,
  { carbon, carbon_g: operational }: CarbonResult,
): SciSection | null {
  const { embodied } = context
  if (!embodied || !carbon || !operational) return null
  const embodied_g = embodiedGrams(embodied, seconds)
  return {
    per_inference_g: inferences > 0 ? scaled(raised(operational, embodied_g), 1 / inferences, 'g') : null,
    energy_kwh: scaled(total, carbon.pue / joulesPerKwh, 'kWh'),
    g_per_kwh: carbon.g_per_kwh,
    operational_g: operational,
    embodied_g,
    total_embodied_g: embodied.total_g,
    lifespan_s: embodied.lifespan_s,
    reserved_s: seconds,
    share: embodied.share,
    functional_unit: 'inference',
    units: inferences,
  }
}

/** A constant added: the half-widths stay. */
function raised(figure: Figure, by: number): Figure {
  const plus = (value: number | null): number | null => (value === null ? null : value + by)
  return { ...figure, value: plus(figure.value), low: plus(figure.low), high: plus(figure.high) }
}
