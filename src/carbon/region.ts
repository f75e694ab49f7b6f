// Finds the grid a region's name means: `NOR`, `Norway`, `world`. An unknown name is an error that names the nearest.
import { fail, ok, type Result } from '../base/result.ts'
import { gridAreas } from './grid.ts'

export type NamedArea = (typeof gridAreas)[number]

/** ISO 3166-1 alpha-3, an English name, or `world`; case does not matter. The error is the nearest names, best first. */
export function findRegion(text: string): Result<NamedArea, readonly string[]> {
  const asked = text.trim().toLowerCase()
  const area = gridAreas.find(({ code, name }) => code.toLowerCase() === asked || name.toLowerCase() === asked)
  return area ? ok(area) : fail(nearest(asked))
}

/** Lowest and highest country, and the world's average: what is known without a region. */
export function worldRange(): { readonly low: NamedArea; readonly high: NamedArea; readonly average: NamedArea } {
  const average = gridAreas.find(({ code }) => code === 'WORLD')!
  const countries = gridAreas
    .filter((area) => area !== average)
    .toSorted((a, b) => a.intensity.g_per_kwh - b.intensity.g_per_kwh)
  return { low: countries[0]!, high: countries.at(-1)!, average }
}

const nearest = (asked: string): readonly string[] =>
  gridAreas
    .map(({ code, name }) => ({
      text: `${code} (${name})`,
      far: Math.min(distance(asked, code.toLowerCase()), distance(asked, name.toLowerCase())),
    }))
    .toSorted((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ text }) => text)

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
