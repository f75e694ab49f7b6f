// The grid's carbon intensity while the load runs, from Electricity Maps (HTTP, with the user's own key): lifecycle, of what
// the zone consumes, average. Asked for the zone that was named and nothing else; without `em:` in a region, never.
import type { Absence } from '../../base/absence.ts'
import { fail, ok, type Result } from '../../base/result.ts'
import { parseHttpAddress } from '../../net/http-address.ts'
import type { Host } from '../../host/host.ts'
import { HttpSource, jsonObject, statusAbsence, type HttpAnswer } from '../../net/http-source.ts'
import { readSecret, secretRemedy } from '../../host/secret.ts'
import type { Channel } from '../../run/channel.ts'
import { httpMeter, type HttpMeterOptions } from '../http-meter/http-meter.ts'
import { timed, type Timed } from '../http-meter/request-loop.ts'
import type { SensorProvider } from '../sensor.ts'
import { gridReading, type GridReading } from './reading.ts'

const token = 'ELECTRICITY_MAPS_TOKEN'
const address = 'https://api.electricitymaps.com'

/** The service publishes a value an hour, and its free plan is limited in calls. */
const periodMs = 300_000
/** Below the time that a sensor has to open, so that its own reason is told. */
const limits = { timeoutMs: 1500, maxBytes: 64 * 1024 }

export const electricityMaps: SensorProvider = httpMeter<Zone, Timed<GridReading>, GridReading>({
  id: 'electricity-maps',
  summary: 'Electricity Maps (HTTP, with a key)',
  gives: { text: 'live carbon intensity of a grid', what: 'grid_intensity' },
  argument: { name: 'ZONE', required: true, by: '--region, such as --region em:DE', check: () => undefined },
  secrets: [token],
  connect: zoneOf,
  ask: (zone) => zone.read(),
  meter: (zone, { value }) => ({
    metering: {
      channels: channelsOf(zone.name),
      periodMs,
      request: () => zone.read(),
      put: ({ g_per_kwh, estimated }, t, out) => {
        out.put(0, t, g_per_kwh)
        if (estimated !== undefined) out.put(1, t, Number(estimated))
      },
    },
    note: `${zone.name}: ${value.g_per_kwh} g/kWh`,
  }),
})

// The order is that of `put` above.
function channelsOf(zone: string): readonly Channel[] {
  const base = {
    sensor: 'electricity-maps',
    quantity: 'intensity',
    kind: 'gauge',
    scope: 'zone',
    device: zone,
    period_ms: periodMs,
  } as const
  return [
    { ...base, id: `electricity-maps/${zone}/intensity`, unit: 'g/kWh' },
    { ...base, id: `electricity-maps/${zone}/estimated`, unit: '1' },
  ]
}

function zoneOf(host: Host, { argument, clock }: HttpMeterOptions): Result<Zone, Absence> {
  const key = readSecret(host, token)
  if (key === undefined) return fail({ reason: 'no key of Electricity Maps is set', remedy: secretRemedy(token) })
  // Anything else could end the header and begin another.
  if (!/^[\x21-\x7e]{1,512}$/.test(key)) return fail({ reason: 'what is set is no key', remedy: secretRemedy(token) })
  if (argument === undefined) return fail({ reason: 'no zone is named', remedy: '--region em:DE' })
  const url = baseUrl(host)
  return url ? ok(new Zone(argument, url, key, clock)) : fail(badUrl)
}

const badUrl: Absence = {
  reason: 'TAILWATT_ELECTRICITY_MAPS_URL is no https address',
  remedy: 'unset it, or give the address of your plan, such as https://api.electricitymaps.com',
}

/** Plans and proxies have addresses of their own. The key goes out unencrypted to this host only. */
function baseUrl(host: Host): URL | undefined {
  const text = host.env('TAILWATT_ELECTRICITY_MAPS_URL') || address
  const parsed = parseHttpAddress(text)
  if (!parsed.ok) return undefined
  const url = parsed.value
  const local = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  const safe = url.protocol === 'https:' || (url.protocol === 'http:' && local)
  return safe && url.username === '' && url.password === '' ? url : undefined
}

class Zone {
  readonly name: string
  readonly #source: HttpSource
  readonly #path: string
  readonly #key: string

  constructor(name: string, url: URL, key: string, clock: () => number) {
    this.name = name
    this.#source = new HttpSource(url.origin, { ...limits, clock })
    const query = new URLSearchParams({
      zone: name,
      emissionFactorType: 'lifecycle',
      shouldUseFallbackCallerLookup: 'false',
    })
    this.#path = `${url.pathname.replace(/\/$/, '')}/v3/carbon-intensity/latest?${query.toString()}`
    this.#key = key
  }

  async read(): Promise<Result<Timed<GridReading>, Absence>> {
    const answer = await this.#source.get(this.#path, { 'auth-token': this.#key })
    if (!answer.ok) return answer
    const absence = this.#refusal(answer.value)
    if (absence) return fail(absence)
    const parsed = jsonObject(this.#source.name, answer.value.text)
    if (!parsed.ok) return fail({ ...parsed.error, remedy: checkAddress })
    return timed(answer.value, gridReading(parsed.value, this.name))
  }

  async close(): Promise<void> {
    await this.#source.close()
  }

  #refusal(answer: HttpAnswer): Absence | undefined {
    const { name } = this.#source
    switch (answer.status) {
      case 401:
        return { reason: `${name} refuses the key (HTTP 401)`, remedy: secretRemedy(token) }
      case 403:
        return { reason: `the key is not for the zone ${this.name} (HTTP 403)`, remedy: 'name a zone of your plan' }
      case 404:
        return {
          reason: `${name} has no zone ${this.name} (HTTP 404)`,
          remedy: 'name one as app.electricitymaps.com has it in its address, such as em:DE or em:US-CAL-CISO',
        }
      case 429:
        return { reason: `${name} was asked too often for the plan (HTTP 429)`, remedy: 'wait, or change the plan' }
      default: {
        const absence = statusAbsence(name, answer)
        return absence && { ...absence, remedy: checkAddress }
      }
    }
  }
}

const checkAddress = 'try later; check TAILWATT_ELECTRICITY_MAPS_URL if it is set'
