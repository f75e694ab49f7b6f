// Plugs with Tasmota firmware: `Status 8` over HTTP (tasmota.github.io/docs/Commands; `StatusSNS.ENERGY`, of old firmware
// `StatusPWR`). Nothing is switched and nothing is set.
import type { Absence } from '../../base/absence.ts'
import { fail, ok, type Result } from '../../base/result.ts'
import { parseDeviceAddress, type DeviceAddress } from '../../net/device-address.ts'
import type { Host } from '../../host/host.ts'
import { HttpSource, jsonObject, statusAbsence } from '../../net/http-source.ts'
import { readSecret, secretRemedy } from '../../host/secret.ts'
import { checkAddress } from '../argument.ts'
import { httpMeter, type HttpMeterOptions } from '../http-meter/http-meter.ts'
import type { Timed } from '../http-meter/request-loop.ts'
import type { SensorProvider } from '../sensor.ts'
import { wallMeter, type WallReading } from '../http-meter/wall-meter.ts'

/**
 * Of the metering chips such plugs carry (HLW8012, BL0937, CSE7766) once calibrated. The firmware states no class: this is
 * assumed, and named as such in docs/sensors.md. Without `WattRes` power comes in whole watts besides.
 */
export const systematic = 0.02

const limits = { timeoutMs: 1500, maxBytes: 64 * 1024 }
const joulesPerKilowattHour = 3.6e6

const password = 'TASMOTA_PASSWORD'

export const tasmota: SensorProvider = httpMeter<Plug, Timed<WallReading>, WallReading>({
  id: 'tasmota',
  summary: 'Plugs with Tasmota firmware (HTTP)',
  gives: { text: 'power and energy at the socket (grade A)', what: 'system_w' },
  argument: { name: 'ADDRESS', required: true, check: checkAddress(parseDeviceAddress) },
  secrets: [password],
  connect: plugOf,
  ask: (plug) => plug.read(),
  meter: (plug, { value }) => ({
    metering: wallMeter({
      sensor: 'tasmota',
      device: plug.name,
      systematic,
      hasCounter: value.joules !== undefined,
      request: () => plug.read(),
    }),
    note: `Tasmota at ${plug.name}`,
  }),
})

function plugOf(host: Host, { argument, clock }: HttpMeterOptions): Result<Plug, Absence> {
  if (argument === undefined)
    return fail({ reason: 'no address of a Tasmota plug is given', remedy: '--sensors +tasmota:ADDRESS' })
  const address = parseDeviceAddress(argument)
  if (!address.ok) return fail({ reason: address.error, remedy: secretRemedy(password) })
  return ok(new Plug(host, address.value, clock))
}

class Plug {
  readonly #host: Host
  readonly #source: HttpSource
  readonly #index: number | undefined
  readonly name: string

  constructor(host: Host, address: DeviceAddress, clock: () => number) {
    this.#host = host
    this.#source = new HttpSource(address.origin, { ...limits, clock })
    this.#index = address.index
    this.name = address.index === undefined ? address.name : `${address.name}/${address.index}`
  }

  async read(): Promise<Result<Timed<WallReading>, Absence>> {
    const given = readSecret(this.#host, password)
    // The firmware takes its password in the query only; the path is never part of a message.
    const user = encodeURIComponent(this.#host.env('TAILWATT_TASMOTA_USER') ?? 'admin')
    const login = given === undefined ? '' : `user=${user}&password=${encodeURIComponent(given)}&`
    const answer = await this.#source.get(`/cm?${login}cmnd=Status%208`)
    if (!answer.ok) return answer
    const { name } = this.#source
    const { status, text, sent, received } = answer.value
    // Before firmware 8.2.3 a refusal came with status 200.
    if (status === 401 || text.includes('"Need user='))
      return fail({
        reason: `the plug at ${name} ${given === undefined ? 'asks for a password' : 'refuses the password'}`,
        remedy: secretRemedy(password),
      })
    const absence = statusAbsence(name, answer.value)
    if (absence) return fail(absence)
    const parsed = jsonObject(name, text)
    if (!parsed.ok) return parsed
    const reading = tasmotaReading(parsed.value, this.#index)
    return reading.ok ? ok({ value: reading.value, sent, received }) : reading
  }

  async close(): Promise<void> {
    await this.#source.close()
  }
}

/** A plug with several outlets gives a list: `index` chooses one, else they are added up. */
export function tasmotaReading(
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
