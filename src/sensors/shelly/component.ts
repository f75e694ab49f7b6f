// The metering components of Shelly devices: where each is read, and what its answer says. Fields by
// shelly-api-docs.shelly.cloud: gen2 Switch, PM1, EM, EM1 (aenergy.total in Wh); gen1 /meter (total in watt-minutes) and
// /emeter (total in Wh).
import { fail, ok, type Result } from '../../base/result.ts'
import type { Absence } from '../../base/absence.ts'
import type { WallReading } from '../http-meter/wall-meter.ts'

type Status = Readonly<Record<string, unknown>>

export interface Component {
  readonly name: string
  readonly generation: 1 | 2
  readonly path: (index: number) => string
  readonly watts: (status: Status) => unknown
  /** `undefined` where the component counts no energy, or only by the minute in another component. */
  readonly joules: (status: Status) => unknown
}

const joulesPerWattHour = 3600
const joulesPerWattMinute = 60

const within = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Status)[key] : undefined
const times = (value: unknown, factor: number): unknown => (typeof value === 'number' ? value * factor : value)

const gen2 = (name: string, power: string, joules: Component['joules'] = () => undefined): Component => ({
  name,
  generation: 2,
  path: (index) => `/rpc/${name}.GetStatus?id=${index}`,
  watts: (status) => status[power],
  joules,
})

const gen1 = (name: string, factor: number): Component => ({
  name,
  generation: 1,
  path: (index) => `/${name}/${index}`,
  watts: (status) => status['power'],
  joules: (status) => times(status['total'], factor),
})

const aenergy = (status: Status): unknown => times(within(status['aenergy'], 'total'), joulesPerWattHour)

/** In the order in which they are tried; a switch without metering has no `apower`. */
export const components: readonly Component[] = [
  gen2('Switch', 'apower', aenergy),
  gen2('PM1', 'apower', aenergy),
  gen2('EM', 'total_act_power'),
  gen2('EM1', 'act_power'),
  gen1('meter', joulesPerWattMinute),
  gen1('emeter', joulesPerWattHour),
]

/** A reading that is missing, negative, not valid by the device's own word, or no number is no reading. */
export function readingOf(component: Component, status: Status): Result<WallReading, Absence> {
  const bad = (reason: string): Result<WallReading, Absence> =>
    fail({ reason, remedy: 'look at the device’s own page' })
  if (status['is_valid'] === false) return bad('the meter says that its reading is not valid')
  const { errors } = status
  if (Array.isArray(errors) && errors.some((error) => /power_meter|out_of_range/.test(String(error))))
    return bad(`the meter reports ${errors.map(String).join(', ').slice(0, 80)}`)
  const watts = component.watts(status)
  if (typeof watts !== 'number' || !Number.isFinite(watts)) return bad('its power reading is no number')
  if (watts < 0) return bad('its power reading is negative')
  const joules = component.joules(status)
  return ok(typeof joules === 'number' && joules >= 0 ? { watts, joules } : { watts })
}
