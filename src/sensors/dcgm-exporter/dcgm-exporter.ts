// NVIDIA's dcgm-exporter, scraped: a way without privileges to the profiling counters of GPUs older than Hopper, which
// NVML does not give. Readings are as new as the exporter's interval (30 s unless it was started with `-c 1000`).
import type { Absence } from '../../base/absence.ts'
import { fail, ok, type Result } from '../../base/result.ts'
import { parseHttpAddress } from '../../net/http-address.ts'
import { HttpSource, statusAbsence } from '../../net/http-source.ts'
import type { Host } from '../../host/host.ts'
import type { Channel } from '../../run/channel.ts'
import type { StreamSink } from '../../run/ports.ts'
import { powerError } from '../../peaks/gpu-power-error.ts'
import { checkAddress } from '../argument.ts'
import { ChangeTimes } from '../change-points.ts'
import { Counter, putTotal } from '../unwrapped-counter.ts'
import { httpMeter, type HttpMeterOptions, type Metering } from '../http-meter/http-meter.ts'
import type { Timed } from '../http-meter/request-loop.ts'
import type { SensorProvider } from '../sensor.ts'
import { readScrape, type Scrape } from './scrape.ts'

const defaultAddress = 'http://127.0.0.1:9400/metrics'
const periodMs = 1000
const limits = { timeoutMs: 1500, maxBytes: 8 * 1024 * 1024 }
const startIt = 'start dcgm-exporter with `-c 1000`, then --sensors +dcgm:ADDRESS (default 127.0.0.1:9400)'

export const dcgm: SensorProvider = httpMeter<Exporter, Scrape, Scrape>({
  id: 'dcgm',
  summary: 'NVIDIA dcgm-exporter (HTTP)',
  gives: {
    text: 'energy, power and profiling counters of NVIDIA GPUs through dcgm-exporter (grades B and C)',
    what: 'gpu_w',
  },
  // The exporter's address may have any path.
  argument: { name: 'ADDRESS', required: false, check: checkAddress((text) => parseHttpAddress(text, 'http')) },
  connect: exporterOf,
  ask: async (exporter) => {
    const scraped = await exporter.scrape()
    if (!scraped.ok) return fail({ reason: scraped.error.reason, remedy: startIt })
    if (scraped.value.value.devices.length > 0) return ok(scraped.value.value)
    return fail({
      reason: `${exporter.name} exports no field of a GPU that is known here`,
      remedy: 'look at its counters file (`-f`), and whether it sees the GPUs',
    })
  },
  meter: (exporter, scrape) => ({ metering: meteringOf(exporter, scrape), note: noteOf(exporter, scrape) }),
})

function noteOf({ name }: Exporter, { devices }: Scrape): string {
  const count = devices.length
  const profiling = devices.some((device) => device.fields.some(({ what }) => what === 'sm-utilization'))
  const note = profiling
    ? ''
    : '; no SM activity: add DCGM_FI_PROF_SM_ACTIVE and _SM_OCCUPANCY to its counters file, and run it with SYS_ADMIN'
  return `${count} GPU${count === 1 ? '' : 's'} at ${name}${note}`
}

function meteringOf(exporter: Exporter, scrape: Scrape): Metering<Scrape> {
  const channels = channelsOf(scrape)
  const readings = channels.map(({ id, kind }) => ({
    key: id.slice('dcgm/'.length),
    counter: kind === 'counter' ? new Counter({ start: 'shown' }) : undefined,
  }))
  // A scrape like the last one is the exporter's cache, not a new reading.
  const changes = new ChangeTimes<string>()
  return {
    channels,
    periodMs,
    request: () => exporter.scrape(),
    put: ({ values }, t, out) => {
      const at = changes.of(JSON.stringify([...values]), t)
      if (at !== undefined) putAll(readings, values, at, out)
    },
  }
}

interface Reading {
  /** In the values of a scrape. */
  readonly key: string
  readonly counter: Counter | undefined
}

function putAll(readings: readonly Reading[], values: Scrape['values'], t: number, out: StreamSink): void {
  if (!readings.some(({ key }) => values.has(key))) return out.failed('the exporter shows none of its fields any more')
  readings.forEach(({ key, counter }, channel) => {
    const value = values.get(key)
    if (value !== undefined) putTotal(counter, value, t, (at, total) => out.put(channel, at, total))
  })
}

const channelsOf = ({ devices }: Scrape): readonly Channel[] =>
  devices.flatMap(({ uuid, board, fields }) =>
    fields.map(({ what, shape }): Channel => ({
      id: `dcgm/${uuid}/${what}`,
      sensor: 'dcgm',
      device: uuid,
      period_ms: periodMs,
      ...shape,
      ...(shape.grade === undefined ? {} : { systematic: powerError(board) }),
    })),
  )

interface Exporter {
  readonly name: string
  scrape(): Promise<Result<Timed<Scrape>, Absence>>
  close(): Promise<void>
}

function exporterOf(host: Host, { argument, clock }: HttpMeterOptions): Result<Exporter, Absence> {
  const text = argument ?? defaultAddress
  const remedy = '--sensors +dcgm:ADDRESS'
  if (text.includes('@'))
    return fail({ reason: 'it needs an address without credentials, such as 127.0.0.1:9400', remedy })
  const parsed = parseHttpAddress(text, 'http')
  if (!parsed.ok) return fail({ reason: parsed.error, remedy })
  const url = parsed.value
  const path = url.pathname === '/' ? '/metrics' : url.pathname + url.search
  const source = new HttpSource(url.origin, { ...limits, clock })
  return ok({
    name: source.name,
    close: () => source.close(),
    scrape: async () => {
      const answer = await source.get(path)
      if (!answer.ok) return answer
      const { text, sent, received } = answer.value
      const absence = statusAbsence(source.name, answer.value)
      if (absence) return fail(absence)
      if (/^\s*</.test(text))
        return fail({ reason: `${source.name} answers with HTML instead of metrics`, remedy: startIt })
      return ok({ value: readScrape(text), sent, received })
    },
  })
}
