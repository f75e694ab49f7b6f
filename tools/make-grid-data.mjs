// Writes src/carbon/grid.ts from Ember's country averages as co2.js repackages them (data/output/average-intensities.json):
// node tools/make-grid-data.mjs average-intensities.json. Rows that the validator would refuse are left out and named.
import { readFileSync, writeFileSync } from 'node:fs'

const rows = Object.values(JSON.parse(readFileSync(process.argv[2], 'utf8')))
const left = []
const lines = rows.flatMap((row) => {
  const code = row.country_or_region === 'World' ? 'WORLD' : row.country_code
  const { year, emissions_intensity_gco2_per_kwh: value, country_or_region: name } = row
  // Aggregates of countries have no code.
  if (!/^([A-Z]{3}|WORLD)$/.test(code)) return []
  if (!(value >= 5 && value <= 1200 && year >= 2018)) {
    left.push(`${code} (${value} g/kWh, ${year})`)
    return []
  }
  return [`  [${[code, name].map((text) => `'${text.replaceAll("'", "\\'")}'`).join(', ')}, ${value}, ${year}],`]
})
writeFileSync(
  new URL('../src/carbon/grid.ts', import.meta.url),
  `// Written by tools/make-grid-data.mjs. Lifecycle intensity of each country's production, average over a year.
// Data: Ember, Yearly Electricity Data (ember-energy.org), CC BY 4.0 as Ember publishes it, by way of co2.js, whose README
// names CC BY-SA 4.0 for its copy; rows selected, values unchanged.
// Left out, outside 5 … 1200 g/kWh or before 2018: ${left.join(', ') || 'none'}.
import type { GridArea } from './intensity.ts'

export const gridSource = 'Ember, Yearly Electricity Data'
export const gridLicence = 'CC BY 4.0'

/** Code, English name, g/kWh, year. */
const rows: readonly (readonly [code: string, name: string, gPerKwh: number, year: number])[] = [
${lines.join('\n')}
]

export const gridAreas: readonly (GridArea & { readonly name: string })[] = rows.map(([code, name, g_per_kwh, year]) => ({
  code,
  name,
  intensity: {
    g_per_kwh,
    year,
    kind: 'lifecycle',
    basis: 'production',
    weighting: 'average',
    source: gridSource,
    licence: gridLicence,
  },
}))
`,
)
