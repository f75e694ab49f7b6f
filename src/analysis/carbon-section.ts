// The carbon of a run: its energy, the grid it was told of, and what is said when it was told of none.
import { gridAreas } from '../carbon/grid.ts'
import { worldRange } from '../carbon/region.ts'
import type { CarbonSection } from '../run/document.ts'
import type { Figure } from '../run/figure.ts'
import type { EnergyContext } from '../run/manifest.ts'
import { operationalCarbon, type IntensityInput } from './carbon.ts'
import { scaled } from './energy/figures.ts'

export interface CarbonResult {
  readonly carbon_g: Figure | null
  readonly carbon: CarbonSection | null
}

/** Without an energy there is no carbon; without a grid it is the range of all countries of the table. */
export function carbonOf(total: Figure | undefined, inferences: number, context: EnergyContext = {}): CarbonResult {
  if (!total) return { carbon_g: null, carbon: null }
  const pue = context.pue ?? 1
  const { input, section } = gridOf(context)
  const figure = operationalCarbon(total, input, pue)
  const carbon_g = section.region === null && section.g_per_kwh === null ? { ...figure, caution: noRegion } : figure
  return {
    carbon_g,
    carbon: {
      ...section,
      pue,
      per_inference_g: inferences > 0 ? scaled(carbon_g, 1 / inferences, 'g') : null,
    },
  }
}

const noRegion = 'no region was given: from the cleanest to the dirtiest grid of the table; --region DEU narrows it'

function gridOf({ region, grid_g_per_kwh: given }: EnergyContext): {
  readonly input: IntensityInput
  readonly section: Omit<CarbonSection, 'pue' | 'per_inference_g'>
} {
  if (given !== undefined)
    return {
      input: { g_per_kwh: given, source: `${given} g/kWh as given` },
      section: { ...unknown, region: region ?? null, g_per_kwh: given, low: given, high: given, source: 'as given' },
    }
  const area = gridAreas.find(({ code }) => code === region)
  if (area) {
    const { g_per_kwh, year, kind, basis, weighting, source, licence } = area.intensity
    return {
      input: { g_per_kwh, source: `${area.name} ${year}: ${g_per_kwh} g/kWh, ${kind}, ${basis}, ${weighting}` },
      section: {
        region: area.code,
        g_per_kwh,
        low: g_per_kwh,
        high: g_per_kwh,
        year,
        kind,
        basis,
        weighting,
        source,
        licence,
      },
    }
  }
  const { low, high, average } = worldRange()
  const { year, kind, basis, weighting, source, licence } = average.intensity
  const ends = { low: low.intensity.g_per_kwh, high: high.intensity.g_per_kwh }
  const told = `${low.name} ${ends.low} … ${high.name} ${ends.high} g/kWh (world ${average.intensity.g_per_kwh}), ${kind}, ${basis}`
  return {
    input: { ...ends, source: told },
    section: { region: null, g_per_kwh: null, ...ends, year, kind, basis, weighting, source, licence },
  }
}

const unknown = { year: null, kind: null, basis: null, weighting: null, licence: null } as const
