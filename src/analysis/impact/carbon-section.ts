// The carbon of a run: its energy, the grid it was told of or that a live source showed, and what is said when there is
// neither.
import { findCloudRegion } from '../../carbon/cloud.ts'
import { gridAreas } from '../../carbon/grid.ts'
import { worldRange } from '../../carbon/region.ts'
import { withCautions, type Caution } from '../../run/caution.ts'
import type { CarbonSection, LiveIntensity, PueSource } from '../../run/sections/impact.ts'
import type { Figure } from '../../run/figure.ts'
import type { EnergyContext } from '../../run/manifest.ts'
import { operationalCarbon, type IntensityInput } from './carbon.ts'
import { scaled } from '../energy/figures.ts'

export interface CarbonResult {
  readonly carbon_g: Figure | null
  readonly carbon: CarbonSection | null
}

/** Without an energy there is no carbon; without a grid it is the range of all countries of the table. */
export function carbonOf(
  total: Figure | undefined,
  inferences: number,
  context: EnergyContext = {},
  live?: LiveIntensity,
): CarbonResult {
  if (!total) return { carbon_g: null, carbon: null }
  const { pue, pue_source } = pueOf(context)
  const { input, section, cautions } = gridOf(context, live)
  const figure = operationalCarbon(total, input, pue)
  const carbon_g = withCautions(figure, [...(figure.cautions ?? []), ...cautions])
  return {
    carbon_g,
    carbon: {
      ...section,
      pue,
      pue_source,
      ...(context.cloud === undefined ? {} : { cloud: context.cloud }),
      per_inference_g: inferences > 0 ? scaled(carbon_g, 1 / inferences, 'g') : null,
    },
  }
}

/** As given, else what the provider of the cloud region publishes for its fleet, else 1. */
export function pueOf({ pue, cloud }: EnergyContext): { readonly pue: number; readonly pue_source: PueSource | null } {
  if (pue !== undefined) return { pue, pue_source: 'given' }
  const provider = cloud === undefined ? undefined : findCloudRegion(cloud)?.provider
  if (!provider) return { pue: 1, pue_source: null }
  const { value, year, source } = provider.pue
  return { pue: value, pue_source: { provider: provider.name, year, source } }
}

const noRegion: Caution = {
  code: 'grid-not-known',
  text: 'no region was given: from the cleanest to the dirtiest grid of the table; --region DEU narrows it',
}

interface Grid {
  readonly input: IntensityInput
  readonly section: Omit<CarbonSection, 'pue' | 'per_inference_g'>
  readonly cautions: readonly Caution[]
}

function gridOf({ region, zone, grid_g_per_kwh: given }: EnergyContext, live: LiveIntensity | undefined): Grid {
  if (given !== undefined)
    return {
      input: { g_per_kwh: given, how: `${given} g/kWh as given` },
      section: { ...unknown, region: region ?? null, g_per_kwh: given, low: given, high: given, source: 'as given' },
      cautions: [],
    }
  if (zone !== undefined && live?.zone === zone) return liveGrid(region, live)
  const area = gridAreas.find(({ code }) => code === region)
  if (area) {
    const { g_per_kwh, year, kind, basis, weighting, source, licence } = area.intensity
    return {
      input: { g_per_kwh, how: `${area.name} ${year}: ${g_per_kwh} g/kWh, ${kind}, ${basis}, ${weighting}` },
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
      cautions: [],
    }
  }
  const { low, high, average } = worldRange()
  const { year, kind, basis, weighting, source, licence } = average.intensity
  const ends = { low: low.intensity.g_per_kwh, high: high.intensity.g_per_kwh }
  const told = `${low.name} ${ends.low} … ${high.name} ${ends.high} g/kWh (world ${average.intensity.g_per_kwh}), ${kind}, ${basis}`
  return {
    input: { ...ends, how: told },
    section: { region: null, g_per_kwh: null, ...ends, year, kind, basis, weighting, source, licence },
    cautions: [noRegion],
  }
}

function liveGrid(region: string | undefined, live: LiveIntensity): Grid {
  const { zone, g_per_kwh, year, coverage, estimated } = live
  const semantics = { kind: 'lifecycle', basis: 'consumption', weighting: 'average' } as const
  const partly: Caution = {
    code: 'grid-partly-covered',
    text: `readings of the grid cover ${Math.round(coverage * 100)} % of the window`,
  }
  const guessed: Caution = {
    code: 'grid-estimated',
    text: 'the grid’s intensity was estimated by its source, not yet measured',
  }
  return {
    input: {
      g_per_kwh,
      how: `Electricity Maps ${zone}, live: ${g_per_kwh} g/kWh, lifecycle, consumption, average`,
    },
    section: {
      region: region ?? null,
      g_per_kwh,
      low: g_per_kwh,
      high: g_per_kwh,
      year,
      ...semantics,
      source: `Electricity Maps, live, zone ${zone}`,
      licence: 'terms of the user’s Electricity Maps plan',
      live,
    },
    cautions: [...(coverage < 0.99 ? [partly] : []), ...(estimated === true ? [guessed] : [])],
  }
}

const unknown = { year: null, kind: null, basis: null, weighting: null, licence: null } as const
