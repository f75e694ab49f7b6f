// Texts about electricity and hardware as the context of an analysis: a region found, a tariff and embodied emissions parsed,
// contradictions refused.
import { TailwattError } from '../base/errors.ts'
import type { EnergyContext } from '../run/manifest.ts'
import { parseEmbodied } from './embodied.ts'
import { findRegion } from './region.ts'
import { parseTariff } from './tariff.ts'

/** @throws TailwattError `usage` for what cannot be meant; `verb` is whose help explains it. */
export function energyContextOf(options: EnergyOptions, verb: 'run' | 'show'): EnergyContext {
  const usage = (message: string): never => {
    throw new TailwattError('usage', { message, verb })
  }
  const { gridIntensity, pue } = options
  if (gridIntensity !== undefined && !(gridIntensity >= 0 && gridIntensity <= 3000))
    usage(`a grid has 0 to 3000 g/kWh, not ${gridIntensity}`)
  if (pue !== undefined && !(pue >= 1 && pue <= 10)) usage(`a PUE is a number from 1 to 10, not ${pue}`)
  const tariff = options.tariff === undefined ? undefined : parseTariff(options.tariff)
  if (options.tariff !== undefined && !tariff)
    usage(`${shown(options.tariff)} is no tariff; it needs a price of a kWh, such as 0.30EUR/kWh`)
  const embodied = options.embodied === undefined ? undefined : parseEmbodied(options.embodied)
  if (options.embodied !== undefined && !embodied)
    usage(
      `${shown(options.embodied)} are no embodied emissions; they need a mass over a life, such as 1200kg/4y or 1200kg/4y/25%`,
    )
  return {
    ...(options.region === undefined ? {} : regionContext(options.region, usage)),
    ...(gridIntensity === undefined ? {} : { grid_g_per_kwh: gridIntensity }),
    ...(pue === undefined ? {} : { pue }),
    ...(tariff ? { tariff } : {}),
    ...(embodied ? { embodied } : {}),
  }
}

/** Nothing and blanks can be seen. */
const shown = (text: string): string => (text.trim() === '' ? `'${text}'` : text)

function regionContext(text: string, usage: (message: string) => never): EnergyContext {
  if (text.trim() === '') usage('a region needs a name, such as DE, Norway, world or aws:eu-north-1')
  const found = findRegion(text)
  if (!found.ok && /^\s*em:/i.test(text))
    return usage(`${text} is no zone of Electricity Maps; they are written em:DE or em:US-CAL-CISO`)
  if (!found.ok) return usage(`there is no region ${text}; near it: ${found.error.join(', ')}`)
  const { area, cloud, zone } = found.value
  return {
    ...(area ? { region: area.code } : {}),
    ...(cloud ? { cloud: cloud.id } : {}),
    ...(zone === undefined ? {} : { zone }),
  }
}

/** What turns joules into grams and money; also for a stored run, see `openRun`. */
export interface EnergyOptions {
  /**
   * Where the electricity comes from: an ISO 3166-1 code (alpha-2 or alpha-3), an English name, `world`, a cloud region
   * (`aws:eu-north-1`, `gcp:europe-west4`, `azure:swedencentral`), or `em:` and a zone of Electricity Maps for live readings.
   */
  readonly region?: string
  /** Carbon of the electricity, g/kWh; goes before `region`. */
  readonly gridIntensity?: number
  /** Power usage effectiveness of the building: its whole energy over that of its computers. Default: the cloud's, or 1. */
  readonly pue?: number
  /** What a kilowatt-hour costs, `'0.30EUR/kWh'`; the currency is text. */
  readonly tariff?: string
  /** Embodied emissions of the machine over its life, `'1200kg/4y'`, or of a share of it, `'1200kg/4y/25%'`. */
  readonly embodied?: string
}
