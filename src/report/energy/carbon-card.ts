// Grams of CO2, and everything that was assumed to get from joules to them.
import { html, type Html } from '../../base/html.ts'
import { gridAreas } from '../../carbon/grid.ts'
import type { RunDocument } from '../../run/document.ts'
import type { CarbonSection } from '../../run/sections/impact.ts'
import { formatNumber } from '../../units/quantity.ts'
import { card } from '../card.ts'
import { gradeText, pairs, withInterval } from '../text.ts'

export function carbonCard({ energy }: RunDocument): Html | undefined {
  const { carbon, carbon_g: grams } = energy
  if (!carbon || !grams) return undefined
  const assumed = [carbon.kind && `${carbon.kind} emissions`, carbon.basis && `of ${carbon.basis}`, carbon.weighting]
  return card(
    'Carbon',
    pairs(
      [
        ['of the measured window', withInterval(grams)],
        ['of an inference', withInterval(carbon.per_inference_g)],
        ['grid', gridText(carbon)],
        ['year of the electricity', carbon.year === null ? 'not said' : String(carbon.year)],
        ['what is counted', assumed.filter(Boolean).join(', ') || 'not said: as given'],
        ['building (PUE)', carbon.pue === 1 ? '1: no overhead of the building (set it with --pue)' : pueText(carbon)],
        ['energy it rests on', [gradeText(energy.total_j), energy.total_j?.scope].filter(Boolean).join(', ')],
        ['data', [carbon.source, carbon.licence].filter(Boolean).join(', ')],
      ],
      'Carbon',
    ),
    carbon.g_per_kwh !== null
      ? undefined
      : html`<p class="soft">A range, because no region was given. <code>--region DEU</code> or <code>--grid-intensity 350g/kWh</code> narrows it.</p>`,
  )
}

function pueText({ pue, pue_source: source }: CarbonSection): string {
  if (!source) return formatNumber(pue)
  const told = source === 'given' ? 'as given' : `${source.provider}’s data centres ${source.year}: ${source.source}`
  return `${formatNumber(pue)}, ${told}`
}

function gridText({ region, cloud, live, g_per_kwh: one, low, high }: CarbonSection): string {
  if (live && one !== null)
    return `zone ${live.zone} during the run, ${formatNumber(one)} g/kWh${live.estimated ? ', estimated' : ''}`
  const place = cloud === undefined ? '' : `${cloud} in `
  if (one !== null) return `${region === null ? '' : `${place}${areaName(region)}, `}${formatNumber(one)} g/kWh`
  return `not known: ${formatNumber(low)} … ${formatNumber(high)} g/kWh, the cleanest and the dirtiest of the table`
}

const areaName = (code: string): string => {
  const area = gridAreas.find((each) => each.code === code)
  return area ? `${area.name} (${code})` : code
}
