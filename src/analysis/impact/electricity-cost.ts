// What the electricity of a window costs, in all and an inference.
import type { Figure } from '../../run/figure.ts'
import type { EnergyContext } from '../../run/manifest.ts'
import type { CostSection } from '../../run/sections/impact.ts'
import { scaled } from '../energy/figures.ts'
import { pueOf } from './carbon-section.ts'
import { joulesPerKwh } from './carbon.ts'

export function costOf(total: Figure, inferences: number, context: EnergyContext): CostSection | null {
  const { tariff } = context
  if (!tariff) return null
  const { per_kwh, currency } = tariff
  const { pue } = pueOf(context)
  const paid = scaled(total, (pue * per_kwh) / joulesPerKwh, currency)
  const each = inferences > 0 ? scaled(paid, 1 / inferences, currency) : null
  return { per_kwh, currency, pue, total: paid, per_inference: each, per_million: each && scaled(each, 1e6, currency) }
}
