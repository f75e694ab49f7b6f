// What Electricity Maps answers to `/v3/carbon-intensity/latest` (portal.electricitymaps.com/docs, read 2026-11):
// { zone, carbonIntensity (gCO2eq/kWh), datetime, updatedAt, emissionFactorType, isEstimated, estimationMethod }.
import { fail, ok, type Result } from '../../base/result.ts'
import type { Absence } from '../../base/absence.ts'

export interface GridReading {
  readonly g_per_kwh: number
  /** Whether the source estimated it; `undefined` where it does not say. */
  readonly estimated: boolean | undefined
}

const damaged = 'check the address, and that nothing stands in between'

/**
 * For a zone it does not know the service may answer for where the caller seems to be, so the zone is checked; and so is
 * that the figure is a lifecycle one, as the offline table's are.
 */
export function gridReading(answer: Readonly<Record<string, unknown>>, zone: string): Result<GridReading, Absence> {
  const { zone: given, carbonIntensity: value, emissionFactorType: kind, isEstimated } = answer
  if (given !== zone) {
    const shown = typeof given === 'string' && /^[\w-]{2,20}$/.test(given) ? given : 'another zone'
    return fail({ reason: `it answers for ${shown} instead of ${zone}`, remedy: 'name a zone that it knows' })
  }
  if (kind !== undefined && kind !== 'lifecycle')
    return fail({ reason: 'its figure is not a lifecycle one', remedy: damaged })
  if (typeof value !== 'number' || !Number.isFinite(value))
    return fail({ reason: `it has no carbon intensity of ${zone} now`, remedy: 'try later, or name a larger zone' })
  if (value < 0 || value > 3000)
    return fail({ reason: `${value} g/kWh is no carbon intensity of a grid`, remedy: damaged })
  return ok({ g_per_kwh: value, estimated: typeof isEstimated === 'boolean' ? isEstimated : undefined })
}
