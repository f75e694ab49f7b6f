// Plugs with Tasmota firmware: `Status 8` over HTTP (tasmota.github.io/docs/Commands; `StatusSNS.ENERGY`, of old firmware
// `StatusPWR`). Nothing is switched and nothing is set.
import type { Absence } from '../../base/absence.ts'
import { fail, ok, type Result } from '../../base/result.ts'
import { readSecret, secretRemedy } from '../../host/secret.ts'
import { jsonObject, statusAbsence } from '../../net/http-source.ts'
import { timed, type Timed } from '../http-meter/request-loop.ts'
import type { WallReading } from '../http-meter/wall-meter.ts'
import { type WallPlace, wallSensor } from '../http-meter/wall-sensor.ts'
import type { SensorProvider } from '../sensor.ts'

/**
 * Of the metering chips such plugs carry (HLW8012, BL0937, CSE7766) once calibrated. The firmware states no class: this is
 * assumed, and named as such in docs/sensors.md. Without `WattRes` power comes in whole watts besides.
 */
const systematic = 0.02

const joulesPerKilowattHour = 3.6e6

const password = 'TASMOTA_PASSWORD'

export const tasmota: SensorProvider = wallSensor({
  id: 'tasmota',
  summary: 'Plugs with Tasmota firmware (HTTP)',
  device: 'a Tasmota plug',
  password,
  systematic,
  find: async (place) => {
    const first = await read(place)
    return first.ok ? ok({ what: 'Tasmota', reading: first.value.value, read: () => read(place) }) : first
  },
})

async function read({ host, source, index }: WallPlace): Promise<Result<Timed<WallReading>, Absence>> {
  const given = readSecret(host, password)
  // The firmware takes its password in the query only; the path is never part of a message.
  const user = encodeURIComponent(host.env('TAILWATT_TASMOTA_USER') ?? 'admin')
  const login = given === undefined ? '' : `user=${user}&password=${encodeURIComponent(given)}&`
  const answer = await source.get(`/cm?${login}cmnd=Status%208`)
  if (!answer.ok) return answer
  const { name } = source
  const { status, text } = answer.value
  // Before firmware 8.2.3 a refusal came with status 200.
  if (status === 401 || text.includes('"Need user='))
    return fail({
      reason: `the plug at ${name} ${given === undefined ? 'asks for a password' : 'refuses the password'}`,
      remedy: secretRemedy(password),
    })
  const absence = statusAbsence(name, answer.value)
  if (absence) return fail(absence)
  const parsed = jsonObject(name, text)
  return parsed.ok ? timed(answer.value, tasmotaReading(parsed.value, index)) : parsed
}

/** A plug with several outlets gives a list: `index` chooses one, else they are added up. */
function tasmotaReading(
  status: Readonly<Record<string, unknown>>,
  index: number | undefined,
): Result<WallReading, Absence> {
  const object = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  const energy = object(object(status['StatusSNS'])?.['ENERGY']) ?? object(status['StatusPWR'])
  if (!energy)
    return fail({
      reason: 'its answer to Status 8 has no ENERGY',
      remedy: 'name the address of a plug whose firmware meters power',
    })
  const choose = (value: unknown): number | undefined => {
    if (!Array.isArray(value)) return typeof value === 'number' && !(index! > 0) ? value : undefined
    const list = (index === undefined ? value : [value[index]]) as unknown[]
    return list.every((item) => typeof item === 'number') ? list.reduce((sum, item) => sum + item, 0) : undefined
  }
  const watts = choose(energy['Power'])
  const remedy = 'look at the plug’s own page'
  if (watts === undefined || !Number.isFinite(watts)) return fail({ reason: 'its power reading is no number', remedy })
  if (watts < 0) return fail({ reason: 'its power reading is negative', remedy })
  const total = choose(energy['Total'])
  return ok(total === undefined || !(total >= 0) ? { watts } : { watts, joules: total * joulesPerKilowattHour })
}
