// Writes src/carbon/grid.ts from Ember's country averages as co2.js repackages them (data/output/average-intensities.json):
// node tools/make-grid-data.mjs average-intensities.json iso_3166-1.json (Debian's iso-codes, for the two-letter codes). Rows
// that the validator would refuse are left out and named.
import { readFileSync, writeFileSync } from 'node:fs'

const rows = Object.values(JSON.parse(readFileSync(process.argv[2], 'utf8')))
const left = []
const iso = JSON.parse(readFileSync(process.argv[3], 'utf8'))['3166-1']
const alpha2 = new Map(iso.map((country) => [country.alpha_3, country.alpha_2]))
// User-assigned codes, as the European Union and Ember use them.
alpha2.set('XKX', 'XK').set('WORLD', '')
const lines = rows.flatMap((row) => {
  const code = row.country_or_region === 'World' ? 'WORLD' : row.country_code
  const { year, emissions_intensity_gco2_per_kwh: value, country_or_region: name } = row
  // Aggregates of countries have no code.
  if (!/^([A-Z]{3}|WORLD)$/.test(code)) return []
  if (!(value >= 5 && value <= 1400 && year >= 2018)) {
    left.push(`${code} (${value} g/kWh, ${year})`)
    return []
  }
  if (!alpha2.has(code)) throw new Error(`${code} has no two-letter code`)
  return [
    `  [${[code, alpha2.get(code), name].map((text) => `'${text.replaceAll("'", "\\'")}'`).join(', ')}, ${value}, ${year}],`,
  ]
})
writeFileSync(
  new URL('../src/carbon/grid.ts', import.meta.url),
  `// Written by tools/make-grid-data.mjs. Lifecycle intensity of each country's production, average over a year.
// Data: Ember, Yearly Electricity Data (ember-energy.org), CC BY 4.0 (ember-energy.org/creative-commons), by way of co2.js,
// whose README names CC BY-SA 4.0 for its copy: see docs/carbon.md. Rows selected, two-letter codes added, values unchanged.
// Left out, outside 5 … 1400 g/kWh or before 2018: ${left.join(', ') || 'none'}.
import type { GridArea } from './intensity.ts'

export const gridSource = 'Ember, Yearly Electricity Data'
export const gridLicence = 'CC BY 4.0'

/** Codes of three and of two letters, English name, g/kWh, year. */
const rows: readonly (readonly [code: string, alpha2: string, name: string, gPerKwh: number, year: number])[] = [
${lines.join('\n')}
]

export const gridAreas: readonly (GridArea & { readonly name: string })[] = rows.map(([code, alpha2, name, g_per_kwh, year]) => ({
  code,
  alpha2,
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
