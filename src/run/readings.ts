// A stream of sensor readings as text: a header line that describes the channels, then one reading a line. What a run has
// recorded can be written so and be replayed as the sensors of another.
import { parseJson } from '../base/json.ts'
import { fail, ok, type Result } from '../base/result.ts'
import type { Channel } from './channel.ts'
import type { Measured } from './source.ts'
import { parseChannels } from './schema.ts'
import { upgradeChannel } from './upgrade-1-to-2/channels.ts'
import { ownRecording } from './recording.ts'

export const readingsFormat = 'tailwatt.readings/2'
/** Its channels said by their ids alone what they are. */
const formerFormat = 'tailwatt.readings/1'

export interface Readings {
  readonly channels: readonly Channel[]
  /** When the load began, on the clock of the readings, ns; `null` when not known. */
  readonly from: number | null
  /** Human text: what was recorded, where and when. */
  readonly about: string
  /** Readings in order of time. */
  readonly channel: Uint16Array
  readonly t: Float64Array
  readonly value: Float64Array
}

/** The readings of a run as NDJSON, in order of time. NaN, an interval nobody knows, is written as `null`. */
export function writeReadings({ manifest, samples }: Measured): string {
  const rows = samples.flatMap((chunk) =>
    Array.from({ length: chunk.length }, (_, i) => [chunk.t[i]!, chunk.channel[i]!, chunk.value[i]!] as const),
  )
  rows.sort((a, b) => a[0] - b[0])
  const header = {
    format: readingsFormat,
    about: `${manifest.name}, ${manifest.host.cpu_model}, ${manifest.started_at}`,
    from: ownRecording(manifest)?.from ?? null,
    channels: manifest.channels,
  }
  return `${[header, ...rows].map((row) => JSON.stringify(row)).join('\n')}\n`
}

/** The error is one clause: what is wrong, and in which line. */
export function readReadings(text: string): Result<Readings, string> {
  const lines = text.split('\n')
  const header = parseHeader(lines[0]!)
  if (!header.ok) return header
  const whole = text.endsWith('\n')
  const { channels } = header.value
  const index = new Map(channels.map(({ id }, i) => [id, i]))
  const rows: Row[] = []
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i]!
    if (line.trim() === '') continue
    const row = parseRow(line, index, channels.length)
    if (row === undefined)
      return fail(
        i === lines.length - 1 && !whole
          ? `the recording is cut off in line ${i + 1}`
          : `line ${i + 1} of the recording is no reading`,
      )
    rows.push(row)
  }
  if (rows.length === 0) return fail('the recording holds no reading')
  rows.sort((a, b) => a.t - b.t)
  return ok({
    ...header.value,
    channel: Uint16Array.from(rows, (row) => row.channel),
    t: Float64Array.from(rows, (row) => row.t),
    value: Float64Array.from(rows, (row) => row.value),
  })
}

/** Many times what the largest host has: eight GPUs of sixty channels each. */
const mostChannels = 4096

type Header = Pick<Readings, 'channels' | 'from' | 'about'>

function parseHeader(line: string): Result<Header, string> {
  const value = parseJson(line) as Readonly<Record<string, unknown>> | undefined
  const format = typeof value === 'object' && value !== null ? value['format'] : undefined
  if (typeof format !== 'string' || !format.startsWith('tailwatt.readings/'))
    return fail('it is no recording of readings: its first line is no header')
  const former = format === formerFormat
  if (!former && format !== readingsFormat) return fail(`the recording is of a later format (${format})`)
  const { channels, from, about } = value!
  const parsed = parseChannels(former && Array.isArray(channels) ? channels.map(upgradeChannel) : channels)
  if (parsed === undefined || parsed.length === 0) return fail('the header of the recording describes no channels')
  if (parsed.length > mostChannels)
    return fail(`the recording describes ${parsed.length} channels, more than ${mostChannels}`)
  return ok({
    channels: parsed,
    from: typeof from === 'number' && Number.isFinite(from) ? from : null,
    about: typeof about === 'string' ? about : 'a recording',
  })
}

interface Row {
  readonly t: number
  readonly channel: number
  readonly value: number
}

/** `[t, channel, value]` or `{ t, channel, value }`, the channel by its place in the header or by id. */
function parseRow(line: string, index: ReadonlyMap<string, number>, channels: number): Row | undefined {
  const parsed = parseJson(line)
  if (typeof parsed !== 'object' || parsed === null) return undefined
  const named = parsed as Readonly<Record<string, unknown>>
  const [t, name, value] = Array.isArray(parsed)
    ? (parsed as unknown[])
    : [named['t'], named['channel'], named['value']]
  const channel = typeof name === 'string' ? index.get(name) : name
  if (typeof t !== 'number' || typeof channel !== 'number' || !Number.isInteger(channel)) return undefined
  if (channel < 0 || channel >= channels || (typeof value !== 'number' && value !== null)) return undefined
  return { t, channel, value: value ?? Number.NaN }
}
