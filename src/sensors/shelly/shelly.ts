// Shelly plugs and meters over their local HTTP interface, of both generations: which one answers, and which of its
// components meters power, is found out when it is opened. Nothing is switched and nothing is set.
import { randomBytes } from 'node:crypto'
import { fail, ok, type Result } from '../../base/result.ts'
import { parseDeviceAddress, type DeviceAddress } from '../../net/device-address.ts'
import type { Host } from '../../host/host.ts'
import { HttpSource, jsonObject, statusAbsence, type Absence, type HttpAnswer } from '../../net/http-source.ts'
import { readSecret, secretRemedy } from '../../host/secret.ts'
import type { Timed } from '../http-meter/request-loop.ts'
import type { Probe, SensorProvider, StreamingOptions, StreamingSensor } from '../sensor.ts'
import { wallMeter, type WallReading } from '../http-meter/wall-meter.ts'
import { components, readingOf, type Component } from './component.ts'
import { digestAuthorization, parseChallenge, type Challenge } from './digest.ts'

const gives = 'power and energy at the socket (grade A)'

/**
 * The class of these meters. Shelly's device pages give ±1 % for metering models; not for every model, and not at every
 * load, so it is assumed here and named as such in docs/sensors.md.
 */
export const systematic = 0.01

const limits = { timeoutMs: 1500, maxBytes: 64 * 1024 }
const notAMeter = 'name the address of a Shelly that meters power'

interface ShellyOptions extends Partial<StreamingOptions> {
  readonly argument?: string
}

export const shelly: SensorProvider = {
  id: 'shelly',
  summary: 'Shelly plugs and meters (HTTP)',
  flow: 'streaming',
  probe,
  open,
}

async function probe(host: Host, options?: unknown): Promise<Probe> {
  const device = deviceOf(host, (options ?? {}) as ShellyOptions)
  if (!device.ok) return { ok: false, gives, ...device.error }
  try {
    const found = await device.value.find()
    if (!found.ok) return { ok: false, gives, ...found.error }
    return { ok: true, gives, note: `${found.value.component.name} at ${device.value.name}` }
  } finally {
    await device.value.close()
  }
}

async function open(host: Host, options: unknown): Promise<StreamingSensor> {
  const device = deviceOf(host, options as ShellyOptions)
  if (!device.ok) throw new Error(device.error.reason)
  const found = await device.value.find()
  if (!found.ok) {
    await device.value.close()
    throw new Error(found.error.reason)
  }
  const { component, reading } = found.value
  return wallMeter({
    sensor: 'shelly',
    device: device.value.name,
    systematic,
    hasCounter: reading.joules !== undefined,
    request: () => device.value.read(component),
    close: () => device.value.close(),
  })
}

function deviceOf(host: Host, { argument, clock }: ShellyOptions): Result<Shelly, Absence> {
  if (argument === undefined)
    return fail({ reason: 'no address of a Shelly is given', remedy: '--sensors +shelly:ADDRESS' })
  const address = parseDeviceAddress(argument)
  if (!address.ok) return fail({ reason: address.error, remedy: secretRemedy('SHELLY_PASSWORD') })
  return ok(new Shelly(host, address.value, clock ?? (() => host.now())))
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
  async find(): Promise<Result<{ readonly component: Component; readonly reading: WallReading }, Absence>> {
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
    if (readSecret(this.#host, 'SHELLY_PASSWORD') === undefined) return fail(this.#refusal('asks for a password'))
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
    remedy: secretRemedy('SHELLY_PASSWORD'),
  })

  #authorization(path: string, asked = false): Record<string, string> {
    const password = readSecret(this.#host, 'SHELLY_PASSWORD')
    if (password === undefined) return {}
    const user = this.#host.env('TAILWATT_SHELLY_USER') ?? 'admin'
    if (this.#challenge) {
      const count = ++this.#signed
      const cnonce = randomBytes(8).toString('hex')
      return {
        authorization: digestAuthorization(this.#challenge, {
          user,
          password,
          method: 'GET',
          uri: path,
          count,
          cnonce,
        }),
      }
    }
    // The first generation knows basic authentication only; it gets the password once it has asked.
    this.#basic ||= asked && this.#generation === 1
    return this.#basic ? { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` } : {}
  }

  #basic = false
}
