// Shelly plugs and meters over their local HTTP interface, of both generations: which one answers, and which of its
// components meters power, is found out when it is opened. Nothing is switched and nothing is set.
import { randomBytes } from 'node:crypto'
import type { Absence } from '../../base/absence.ts'
import { fail, ok, type Result } from '../../base/result.ts'
import type { Host } from '../../host/host.ts'
import { readSecret, secretRemedy } from '../../host/secret.ts'
import { type HttpAnswer, type HttpSource, jsonObject, statusAbsence } from '../../net/http-source.ts'
import { timed, type Timed } from '../http-meter/request-loop.ts'
import type { WallReading } from '../http-meter/wall-meter.ts'
import { type WallFound, type WallPlace, wallSensor } from '../http-meter/wall-sensor.ts'
import type { SensorProvider } from '../sensor.ts'
import { type Component, components, readingOf } from './component.ts'
import { type Challenge, digestAuthorization, parseChallenge } from './digest.ts'

/**
 * The class of these meters. Shelly's device pages give ±1 % for metering models; not for every model, and not at every
 * load, so it is assumed here and named as such in docs/sensors.md.
 */
export const systematic = 0.01

const notAMeter = 'name the address of a Shelly that meters power'

const password = 'SHELLY_PASSWORD'

export const shelly: SensorProvider = wallSensor({
  id: 'shelly',
  summary: 'Shelly plugs and meters (HTTP)',
  device: 'a Shelly',
  password,
  systematic,
  find: (place) => new Shelly(place).find(),
})

class Shelly {
  readonly #host: Host
  readonly #source: HttpSource
  readonly #index: number
  #generation: 1 | 2 = 2
  #challenge: Challenge | undefined
  #signed = 0

  constructor({ host, source, index = 0 }: WallPlace) {
    this.#host = host
    this.#source = source
    this.#index = index
  }

  /** The component that meters, and what it reads now. */
  async find(): Promise<Result<WallFound, Absence>> {
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
      return reading.ok
        ? ok({ what: component.name, reading: reading.value, read: () => this.#read(component) })
        : reading
    }
    return fail({
      reason: `the Shelly at ${this.#source.name} has no meter with the number ${this.#index}`,
      remedy: notAMeter,
    })
  }

  async #read(component: Component): Promise<Result<Timed<WallReading>, Absence>> {
    const answer = await this.#json(component.path(this.#index))
    return answer.ok ? timed(answer.value, readingOf(component, answer.value.value)) : answer
  }

  async #json(path: string): Promise<Result<Timed<Readonly<Record<string, unknown>>>, Absence>> {
    const answer = await this.#get(path)
    return answer.ok ? timed(answer.value, this.#parse(answer.value)) : answer
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
