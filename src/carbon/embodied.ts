// Embodied emissions of a machine as people write them: `1200kg/4y` for all of it, `1200kg/4y/25%` for a quarter. What they
// are of is the user's to say: no figure is assumed for hardware that nobody named.

/** Embodied carbon and the share of it that is charged. */
export interface Embodied {
  /** Total embodied emissions of the device (TE), g. */
  readonly total_g: number
  /** Expected lifespan (EL), s. */
  readonly lifespan_s: number
  /** Resources reserved over resources of the device (RR/ToR), 0 … 1. */
  readonly share: number
}

const grams: Readonly<Record<string, number>> = { g: 1, kg: 1e3, t: 1e6 }
/** 365 days, as the worked example of the SCI specification counts. */
const yearSeconds = 365 * 86_400

/** `undefined` for what cannot be meant: no units, no life, a share above 1. */
export function parseEmbodied(text: string): Embodied | undefined {
  const match =
    /^(\d+(?:\.\d+)?)\s*(g|kg|t)(?:\s*CO2e?q?)?\s*\/\s*(\d+(?:\.\d+)?)\s*y(?:\s*\/\s*(\d+(?:\.\d+)?)\s*(%?))?$/i.exec(
      text.trim(),
    )
  if (!match) return undefined
  const share = match[4] === undefined ? 1 : Number(match[4]) / (match[5] ? 100 : 1)
  const lifespan_s = Number(match[3]) * yearSeconds
  if (!(lifespan_s > 0) || !(share > 0 && share <= 1)) return undefined
  return { total_g: Number(match[1]) * grams[match[2]!.toLowerCase()]!, lifespan_s, share }
}
