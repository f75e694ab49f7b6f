// Shelly plugs and meters over their local HTTP interface, of both generations: which one answers, and which of its
// components meters power, is found out when it is opened. Nothing is switched and nothing is set.
import { randomBytes } from 'node:crypto'
import type { Absence } from '../../base/absence.ts'
import { fail, ok, type Result } from '../../base/result.ts'
import { parseDeviceAddress, type DeviceAddress } from '../../net/device-address.ts'
import type { Host } from '../../host/host.ts'
import { HttpSource, jsonObject, statusAbsence, type HttpAnswer } from '../../net/http-source.ts'
import { readSecret, secretRemedy } from '../../host/secret.ts'
import { checkAddress } from '../argument.ts'
import { httpMeter, type HttpMeterOptions } from '../http-meter/http-meter.ts'
import type { Timed } from '../http-meter/request-loop.ts'
import type { SensorProvider } from '../sensor.ts'
import { wallMeter, type WallReading } from '../http-meter/wall-meter.ts'
import { components, readingOf, type Component } from './component.ts'
import { digestAuthorization, parseChallenge, type Challenge } from './digest.ts'

/**
 * The class of these meters. Shelly's device pages give ±1 % for metering models; not for every model, and not at every
 * load, so it is assumed here and named as such in docs/sensors.md.
 */
export const systematic = 0.01

const limits = { timeoutMs: 1500, maxBytes: 64 * 1024 }
const notAMeter = 'name the address of a Shelly that meters power'

const password = 'SHELLY_PASSWORD'

interface Found {
  readonly component: Component
  readonly reading: WallReading
}

export const shelly: SensorProvider = httpMeter<Shelly, Found, WallReading>({
  id: 'shelly',
  summary: 'Shelly plugs and meters (HTTP)',
  gives: { text: 'power and energy at the socket (grade A)', what: 'system_w' },
  argument: { name: 'ADDRESS', required: true, check: checkAddress(parseDeviceAddress) },
  secrets: [password],
  connect: deviceOf,
  ask: (device) => device.find(),
  meter: (device, { component, reading }) => ({
    metering: wallMeter({
      sensor: 'shelly',
      device: device.name,
      systematic,
      hasCounter: reading.joules !== undefined,
      request: () => device.read(component),
    }),
    note: `${component.name} at ${device.name}`,
  }),
})

function deviceOf(host: Host, { argument, clock }: HttpMeterOptions): Result<Shelly, Absence> {
  if (argument === undefined)
    return fail({ reason: 'no address of a Shelly is given', remedy: '--sensors +shelly:ADDRESS' })
  const address = parseDeviceAddress(argument)
  if (!address.ok) return fail({ reason: address.error, remedy: secretRemedy(password) })
  return ok(new Shelly(host, address.value, clock))
}

class Shelly {
  readonly #host: Host
  readonly #source: HttpSource
  readonly #index: number
  readonly name: string
  #generation: 1 | 2 = 2
  #challenge: Challenge | undefined
  #signed = 0

  constructor(host: Host, address: DeviceAddress, clock: () => number) {
    this.#host = host
    this.#source = new HttpSource(address.origin, { ...limits, clock })
    this.#index = address.index ?? 0
    this.name = address.index === undefined ? address.name : `${address.name}/${address.index}`
  }

  /** The component that meters, and what it reads now. */
  async find(): Promise<Result<Found, Absence>> {
    // Answers without authentication, on every generation.
    const about = await this.#json('/shelly')
    if (!about.ok) return about
    const { gen, type } = about.value.value
    if (typeof gen !== 'number' && typeof type !== 'string')
      return fail({ reason: `what answers at ${this.#source.name} is no Shelly`, remedy: notAMeter })
    this.#generation = typeof gen === 'number' && gen >= 2 ? 2 : 1
    for (const component of components.filter(({ generation }) => generation === this.#generation)) {
      const answer = await this.#get(component.path(this.#index))
      if (!answer.ok) return answer
      // It has no such component: the next one may be its meter.
      if (answer.value.status === 404 || answer.value.status === 500) continue
      const status = this.#parse(answer.value)
      if (!status.ok) return status
      if (component.watts(status.value) === undefined) continue
      const reading = readingOf(component, status.value)
      return reading.ok ? ok({ component, reading: reading.value }) : reading
    }
    return fail({
      reason: `the Shelly at ${this.#source.name} has no meter with the number ${this.#index}`,
      remedy: notAMeter,
    })
  }

  async read(component: Component): Promise<Result<Timed<WallReading>, Absence>> {
    const answer = await this.#json(component.path(this.#index))
    if (!answer.ok) return answer
    const { sent, received, value } = answer.value
    const reading = readingOf(component, value)
    return reading.ok ? ok({ value: reading.value, sent, received }) : reading
  }

  async close(): Promise<void> {
    await this.#source.close()
  }

  async #json(path: string): Promise<Result<Timed<Readonly<Record<string, unknown>>>, Absence>> {
    const answer = await this.#get(path)
    if (!answer.ok) return answer
    const parsed = this.#parse(answer.value)
    const { sent, received } = answer.value
    return parsed.ok ? ok({ value: parsed.value, sent, received }) : parsed
  }

  #parse(answer: HttpAnswer): Result<Readonly<Record<string, unknown>>, Absence> {
    const absence = statusAbsence(this.#source.name, answer)
    return absence ? fail(absence) : jsonObject(this.#source.name, answer.text)
  }

  /** With the password, if the device asks for one. */
  async #get(path: string): Promise<Result<HttpAnswer, Absence>> {
    const first = await this.#source.get(path, this.#authorization(path))
    if (!first.ok || first.value.status !== 401) return first
    if (readSecret(this.#host, password) === undefined) return fail(this.#refusal('asks for a password'))
    const header = first.value.headers['www-authenticate']
    this.#challenge = parseChallenge(typeof header === 'string' ? header : '')
    this.#signed = 0
    // A device of the second generation that asks for the bare password is not what it says it is.
    if (this.#generation === 2 && !this.#challenge)
      return fail(this.#refusal('asks for a password in a way it should not'))
    const second = await this.#source.get(path, this.#authorization(path, true))
    return second.ok && second.value.status === 401 ? fail(this.#refusal('refuses the password')) : second
  }

  readonly #refusal = (what: string): Absence => ({
    reason: `the Shelly at ${this.#source.name} ${what} (HTTP 401)`,
    remedy: secretRemedy(password),
  })

  #authorization(path: string, asked = false): Record<string, string> {
    const given = readSecret(this.#host, password)
    if (given === undefined) return {}
    const user = this.#host.env('TAILWATT_SHELLY_USER') ?? 'admin'
    if (this.#challenge) {
      const count = ++this.#signed
      const cnonce = randomBytes(8).toString('hex')
      return {
        authorization: digestAuthorization(this.#challenge, {
          user,
          password: given,
          method: 'GET',
          uri: path,
          count,
          cnonce,
        }),
      }
    }
    // The first generation knows basic authentication only; it gets the password once it has asked.
    this.#basic ||= asked && this.#generation === 1
    return this.#basic ? { authorization: `Basic ${Buffer.from(`${user}:${given}`).toString('base64')}` } : {}
  }

  #basic = false
}
