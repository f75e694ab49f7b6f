// The carbon intensity of a grid as a dated, licensed figure that says what it means. Two intensities of one place may
// differ by a factor of two because they answer different questions; so none travels without its semantics.

export interface GridIntensity {
  /** Grams of CO2 equivalent a kWh. */
  readonly g_per_kwh: number
  /** The year the electricity was made in, not the year of publication. */
  readonly year: number
  /** Lifecycle counts building and fuel supply too; direct counts the stack alone. */
  readonly kind: 'lifecycle' | 'direct'
  /** Production: what the area generates. Consumption: what it uses, imports included. */
  readonly basis: 'production' | 'consumption'
  readonly weighting: 'average' | 'marginal'
  readonly source: string
  readonly licence: string
}

export interface GridArea {
  /** ISO 3166-1 alpha-3, or `WORLD`. */
  readonly code: string
  readonly intensity: GridIntensity
}

/**
 * What is wrong with a table, one sentence a fault; empty when nothing is. The bounds hold off two faults seen in published
 * tables: a decimal point lost (77 t/kWh) and columns shifted by one.
 */
export function faultsOf(areas: readonly GridArea[], thisYear: number): readonly string[] {
  const seen = new Set<string>()
  return areas.flatMap(({ code, intensity }) => {
    const { g_per_kwh: value, year, source, licence } = intensity
    const twice = seen.has(code)
    seen.add(code)
    return [
      /^([A-Z]{3}|WORLD)$/.test(code) ? '' : `${code}: not a code of three letters`,
      twice ? `${code}: stands twice` : '',
      value >= 5 && value <= 1200 ? '' : `${code}: ${value} g/kWh is outside 5 … 1200`,
      Number.isInteger(year) && year >= 2018 && year <= thisYear ? '' : `${code}: year ${year}`,
      source === '' ? `${code}: no source` : '',
      licence === '' ? `${code}: no licence` : '',
    ].filter(Boolean)
  })
}
