// NVIDIA's dcgm-exporter, scraped: a way without privileges to the profiling counters of GPUs older than Hopper, which
// NVML does not give. Readings are as new as the exporter's interval (30 s unless it was started with `-c 1000`).
import { fail, ok, type Result } from '../../base/result.ts'
import { parseHttpAddress } from '../../net/http-address.ts'
import { HttpSource, statusAbsence, type Absence } from '../../net/http-source.ts'
import type { Host } from '../../host/host.ts'
import type { Channel } from '../../run/channel.ts'
import type { StreamSink } from '../../run/ports.ts'
import { powerError } from '../../peaks/gpu-power-error.ts'
import { ChangeTimes } from '../change-points.ts'
import { Counter, putTotal } from '../counter.ts'
import { RequestLoop, type Timed } from '../http-meter/request-loop.ts'
import type { Probe, SensorProvider, StreamingOptions, StreamingSensor } from '../sensor.ts'
import { readScrape, type Scrape } from './scrape.ts'

const gives = 'energy, power and profiling counters of NVIDIA GPUs through dcgm-exporter (grades B and C)'
const defaultAddress = 'http://127.0.0.1:9400/metrics'
const periodMs = 1000
const limits = { timeoutMs: 1500, maxBytes: 8 * 1024 * 1024 }
const startIt = 'start dcgm-exporter with `-c 1000`, then --sensors +dcgm:ADDRESS (default 127.0.0.1:9400)'

interface DcgmOptions extends Partial<StreamingOptions> {
  readonly argument?: string
}

export const dcgm: SensorProvider = {
  id: 'dcgm',
  summary: 'NVIDIA dcgm-exporter (HTTP)',
  flow: 'streaming',
  probe,
  open,
}

async function probe(host: Host, options?: unknown): Promise<Probe> {
  const exporter = exporterOf(host, (options ?? {}) as DcgmOptions)
  if (!exporter.ok) return { ok: false, gives, ...exporter.error }
  const scraped = await exporter.value.scrape()
  await exporter.value.close()
  if (!scraped.ok) return { ok: false, gives, reason: scraped.error.reason, remedy: startIt }
  const { devices } = scraped.value.value
  const count = devices.length
  if (count === 0)
    return {
      ok: false,
      gives,
      reason: `${exporter.value.name} exports no field of a GPU that is known here`,
      remedy: 'look at its counters file (`-f`), and whether it sees the GPUs',
    }
  const profiling = devices.some((device) => device.fields.some(({ what }) => what === 'sm-utilisation'))
  const note = profiling
    ? ''
    : '; no SM activity: add DCGM_FI_PROF_SM_ACTIVE and _SM_OCCUPANCY to its counters file, and run it with SYS_ADMIN'
  return { ok: true, gives, note: `${count} GPU${count === 1 ? '' : 's'} at ${exporter.value.name}${note}` }
}

async function open(host: Host, options: unknown): Promise<StreamingSensor> {
  const exporter = exporterOf(host, options as DcgmOptions)
  if (!exporter.ok) throw new Error(exporter.error.reason)
  const first = await exporter.value.scrape()
  if (!first.ok) {
    await exporter.value.close()
    throw new Error(first.error.reason)
  }
  const channels = channelsOf(first.value.value)
  const readings = channels.map(({ id, kind }) => ({
    key: id.slice('dcgm/'.length),
    counter: kind === 'counter' ? new Counter({ start: 'shown' }) : undefined,
  }))
  // A scrape like the last one is the exporter's cache, not a new reading.
  const changes = new ChangeTimes<string>()
  const loop = new RequestLoop<Scrape>({
    periodMs,
    request: () => exporter.value.scrape(),
    put: ({ values }, t, out) => {
      const at = changes.of(JSON.stringify([...values]), t)
      if (at !== undefined) putAll(readings, values, at, out)
    },
  })
  return {
    channels,
    start: async (out) => loop.start(out),
    close: async () => {
      await loop.close()
      await exporter.value.close()
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
    if (value === undefined) return
    if (counter) putTotal(counter, value, t, (at, total) => out.put(channel, at, total))
    else out.put(channel, t, value)
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

function exporterOf(host: Host, { argument, clock }: DcgmOptions): Result<Exporter, Absence> {
  const text = argument ?? defaultAddress
  const remedy = '--sensors +dcgm:ADDRESS'
  if (text.includes('@'))
    return fail({ reason: 'it needs an address without credentials, such as 127.0.0.1:9400', remedy })
  const parsed = parseHttpAddress(text, 'http')
  if (!parsed.ok) return fail({ reason: parsed.error, remedy })
  const url = parsed.value
  const path = url.pathname === '/' ? '/metrics' : url.pathname + url.search
  const source = new HttpSource(url.origin, { ...limits, clock: clock ?? (() => host.now()) })
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
