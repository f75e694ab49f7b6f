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
  /** ISO 3166-1 alpha-2; empty for the world. */
  readonly alpha2: string
  readonly intensity: GridIntensity
}

/**
 * What is wrong with a table, one sentence a fault; empty when nothing is. The bounds hold off three faults seen in published
 * tables: a decimal point lost (77 t/kWh), columns shifted by one, and emissions of a small grid rounded to 0. No source of
 * electricity has a lifecycle below 5 g/kWh; the highest country published (Turkmenistan, gas alone) stands at 1306.
 */
export function faultsOf(areas: readonly GridArea[], thisYear: number): readonly string[] {
  const seen = new Set<string>()
  return areas.flatMap(({ code, alpha2, intensity }) => {
    const { g_per_kwh: value, year, source, licence } = intensity
    const twice = [code, alpha2].filter((text) => text !== '' && seen.has(text))
    seen.add(code).add(alpha2)
    return [
      /^([A-Z]{3}|WORLD)$/.test(code) ? '' : `${code}: not a code of three letters`,
      ...twice.map((text) => `${text}: stands twice`),
      /^[A-Z]{2}$/.test(alpha2) || (code === 'WORLD' && alpha2 === '')
        ? ''
        : `${code}: ${alpha2} is no code of two letters`,
      value >= 5 && value <= 1400 ? '' : `${code}: ${value} g/kWh is outside 5 … 1400`,
      Number.isInteger(year) && year >= 2018 && year <= thisYear ? '' : `${code}: year ${year}`,
      source === '' ? `${code}: no source` : '',
      licence === '' ? `${code}: no licence` : '',
    ].filter(Boolean)
  })
}
