// What a kilowatt-hour costs, as people write it: `0.30/kWh`, `0.30EUR/kWh`, `€95/MWh`. The currency is text and is carried,
// never converted.

export interface Tariff {
  readonly per_kwh: number
  /** As written; empty where none was. */
  readonly currency: string
}

const form = /^([^\d\s./-]{0,8})\s*(\d+(?:\.\d+)?)\s*([^\d\s./-]{0,8})\s*\/\s*([kM])Wh$/

/** `undefined` for what is no price of electricity: no unit, a negative one, two currencies. */
export function parseTariff(text: string): Tariff | undefined {
  const match = form.exec(text.trim())
  if (!match) return undefined
  const [, before, amount, after, prefix] = match as unknown as [string, string, string, string, string]
  if (before !== '' && after !== '') return undefined
  return { per_kwh: Number(amount) / (prefix === 'M' ? 1000 : 1), currency: before + after }
}
