// What an energy means: grams, money, Software Carbon Intensity, energy-delay product. A function of figures and of what the
// user said about electricity and hardware, so that a stored document can be reckoned again with another region or tariff.
import type { RunDocument } from '../../run/document.ts'
import type { Figure } from '../../run/figure.ts'
import type { EnergyContext, Unmeasured } from '../../run/manifest.ts'
import type { EnergySection } from '../../run/sections/energy.ts'
import type { LiveIntensity } from '../../run/sections/impact.ts'
import { scaled } from '../energy/figures.ts'
import { carbonOf } from './carbon-section.ts'
import { costOf } from './electricity-cost.ts'
import { sciOf } from './sci.ts'

export interface ImpactInput {
  readonly total: Figure | undefined
  readonly perInference: Figure | undefined
  readonly inferences: number
  /** Length of the measured window. */
  readonly seconds: number
  /** Mean service time of a request, s; null where no request succeeded. */
  readonly service_s: number | null
  readonly live: LiveIntensity | undefined
}

export type Impact = Required<Pick<EnergySection, 'carbon_g' | 'carbon' | 'cost' | 'sci' | 'energy_delay_product_js'>>

export function impactOf(input: ImpactInput, context: EnergyContext = {}): Impact {
  const { total, perInference, inferences, service_s, live } = input
  const carbon = carbonOf(total, inferences, context, live)
  return {
    ...carbon,
    cost: total ? costOf(total, inferences, context) : null,
    sci: total ? sciOf(total, input, context, carbon) : null,
    energy_delay_product_js: perInference && service_s !== null ? energyDelayProduct(perInference, service_s) : null,
  }
}

/** What was asked for and could not be had; `told` has the rows there are already. */
export function impactAbsences(
  { total, live }: Pick<ImpactInput, 'total' | 'live'>,
  context: EnergyContext,
  told: readonly Unmeasured[],
): readonly Unmeasured[] {
  const rows: Unmeasured[] = []
  const noEnergy = { reason: 'no energy was measured', remedy: '`tailwatt doctor` says how to measure it' }
  if (!total) rows.push({ what: 'carbon_g', ...noEnergy })
  if (!total && context.tariff) rows.push({ what: 'cost', ...noEnergy })
  if (!total && context.embodied) rows.push({ what: 'sci', ...noEnergy })
  const wantsLive = context.zone !== undefined && context.grid_g_per_kwh === undefined
  if (wantsLive && live?.zone !== context.zone && !told.some(({ what }) => what === 'grid_intensity'))
    rows.push({
      what: 'grid_intensity',
      reason: `the run has no live reading of the grid of ${context.zone}`,
      remedy: `the average of the country stands in; measure with --region em:${context.zone} for a live one`,
    })
  return rows
}

/** The figures that {@link withContext} makes anew. */
export const contextual: ReadonlySet<string> = new Set([
  'carbon',
  'carbon_per_inference',
  'cost_per_inference',
  'cost_per_million',
  'sci',
])

/** A new grid replaces the old one with all that was said about it; whatever else is given replaces its own. */
export function mergedContext(stored: EnergyContext, given: EnergyContext): EnergyContext {
  if (given.region === undefined && given.zone === undefined) return { ...stored, ...given }
  const { region: _, cloud: __, zone: ___, grid_g_per_kwh: ____, ...rest } = stored
  return { ...rest, ...given }
}

/** What {@link impactOf} took, read back from a document. */
export function impactInput(document: RunDocument): ImpactInput {
  const { energy, batches, throughput, service_ms } = document
  const inferences = Object.entries(batches.size_distribution).reduce(
    (sum, [size, count]) => sum + Number(size) * count,
    0,
  )
  const perSecond = throughput.inferences_per_s.value ?? 0
  return {
    total: energy.total_j ?? undefined,
    perInference: energy.per_inference_j ?? undefined,
    inferences,
    seconds: perSecond > 0 ? inferences / perSecond : 0,
    service_s: service_ms.mean.value === null ? null : service_ms.mean.value / 1e3,
    live: energy.carbon?.live ?? undefined,
  }
}

/** Joules an inference times the seconds it takes, J·s; the energy's interval alone is carried. */
export const energyDelayProduct = (perInference: Figure, delay_s: number): Figure =>
  scaled(perInference, delay_s, 'J·s')
