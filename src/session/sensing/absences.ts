// Sensors that are not read: the rows of `unmeasured`, and the sentences for those that the user asked for.
import type { Absence } from '../../base/absence.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import type { SensorProvider, SensorSpec } from '../../sensors/sensor.ts'

/** A spec and what its provider declares; without one where there is no such sensor, or its module cannot be loaded. */
export interface Declared {
  readonly spec: SensorSpec
  readonly provider?: Pick<SensorProvider, 'gives' | 'rare' | 'secrets'>
}

export type SensorAbsence = Declared & Absence

/** The rows of `unmeasured`, and the sentences for those the user asked for. */
export function absences(rows: readonly SensorAbsence[]): {
  readonly unmeasured: readonly Unmeasured[]
  readonly warnings: readonly string[]
} {
  return {
    unmeasured: rows
      .filter(({ spec, provider }) => spec.asked === true || provider?.rare !== true)
      .map(({ spec, provider, reason, remedy }) => ({
        what: provider?.gives.what ?? spec.kind,
        reason: `${spec.kind}: ${reason}`,
        remedy,
      })),
    warnings: rows
      .filter(({ spec }) => spec.asked === true)
      .map(({ spec, reason, remedy }) => `the sensor ${spec.kind} is not read: ${reason}; ${remedy}`),
  }
}
