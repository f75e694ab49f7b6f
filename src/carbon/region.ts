// Finds the grid that a region's name means: `NOR`, `NO`, `Norway`, `world`, `aws:eu-north-1`, `em:NO-NO1`. An unknown name is
// an error that names the nearest.
import { fail, ok, type Result } from '../base/result.ts'
import { cloudProviders, cloudRegions, findCloudRegion, type CloudRegion } from './cloud.ts'
import { gridAreas } from './grid.ts'

export type NamedArea = (typeof gridAreas)[number]

export interface Region {
  /** `undefined` for a zone of Electricity Maps in a country that the table does not have. */
  readonly area: NamedArea | undefined
  readonly cloud?: CloudRegion
  /** Of Electricity Maps, whose live intensity goes before the area's average. */
  readonly zone?: string
}

/**
 * A code of ISO 3166-1 (alpha-2 or alpha-3), an English name, `world`, a cloud region with or without its provider
 * (`aws:`, `gcp:`, `azure:`), or `em:` and a zone of Electricity Maps; case does not matter. The error is the nearest names,
 * best first.
 */
export function findRegion(text: string): Result<Region, readonly string[]> {
  const asked = text.trim().toLowerCase()
  const zone = /^em:([a-z]{2}(?:-[a-z0-9]{1,8}){0,3})$/.exec(asked)?.[1]?.toUpperCase()
  if (zone !== undefined) return ok({ area: gridAreas.find(({ alpha2 }) => alpha2 === zone.slice(0, 2)), zone })
  const cloud = findCloudRegion(asked)
  if (cloud) return ok({ area: gridAreas.find(({ code }) => code === cloud.country), cloud })
  const area = findArea(asked)
  return area ? ok({ area }) : fail(nearest(asked))
}

/** Lowest and highest country, and the world's average: what is known without a region. */
export function worldRange(): { readonly low: NamedArea; readonly high: NamedArea; readonly average: NamedArea } {
  const average = gridAreas.find(({ code }) => code === 'WORLD')!
  const countries = gridAreas
    .filter((area) => area !== average)
    .toSorted((a, b) => a.intensity.g_per_kwh - b.intensity.g_per_kwh)
  return { low: countries[0]!, high: countries.at(-1)!, average }
}

function findArea(asked: string): NamedArea | undefined {
  const exact = gridAreas.find(({ code, alpha2, name }) =>
    [code, alpha2, name].some((text) => text !== '' && text.toLowerCase() === asked),
  )
  if (exact) return exact
  const plain = simplified(asked)
  const like = gridAreas.filter(({ code, name }) => code === aliases[plain] || simplified(name) === plain)
  // The Virgin Islands are two.
  return like.length === 1 ? like[0] : undefined
}

/** Without accents, articles and what stands in brackets, which differ between lists of countries. */
const simplified = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase()
    .replace(/[([].*$/, '')
    .replace(/^the /, '')
    .replace(/&/g, 'and')
    .replace(/[^a-z]+/g, ' ')
    .trim()

/** Common English names that the table, which follows Ember's, spells otherwise. */
const aliases: Readonly<Record<string, string>> = {
  america: 'USA',
  'bosnia and herzegovina': 'BIH',
  britain: 'GBR',
  brunei: 'BRN',
  burma: 'MMR',
  'cape verde': 'CPV',
  'czech republic': 'CZE',
  'democratic republic of the congo': 'COD',
  'great britain': 'GBR',
  'ivory coast': 'CIV',
  korea: 'KOR',
  laos: 'LAO',
  macau: 'MAC',
  'republic of korea': 'KOR',
  'russian federation': 'RUS',
  swaziland: 'SWZ',
  turkey: 'TUR',
  uk: 'GBR',
  'united states of america': 'USA',
  vietnam: 'VNM',
}

/** Whoever names a provider means one of its regions. */
function nearest(asked: string): readonly string[] {
  const provider = cloudProviders.find(({ id }) => asked.startsWith(`${id}:`))?.id
  const areas = gridAreas.map(({ code, name }) => ({ text: `${code} (${name})`, names: [code, name] }))
  const clouds = cloudRegions.map(({ id }) => ({ text: id, names: [id, id.slice(id.indexOf(':') + 1)] }))
  return [...(provider ? [] : areas), ...clouds.filter(({ text }) => !provider || text.startsWith(`${provider}:`))]
    .map(({ text, names }) => ({ text, far: Math.min(...names.map((name) => distance(asked, name.toLowerCase()))) }))
    .toSorted((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ text }) => text)
}

/** Levenshtein. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}
