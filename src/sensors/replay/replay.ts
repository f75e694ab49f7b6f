// A recorded stream of readings as a sensor: the recorded load's beginning is laid on this load's, and each reading comes
// when its time has come, with exactly that time. Every channel says that it is replayed: nothing here is measured.
import { absent, type Absence } from '../../base/absence.ts'
import { fail, type Result } from '../../base/result.ts'
import type { Host } from '../../host/host.ts'
import type { StreamSink } from '../../run/ports.ts'
import { readReadings, type Readings } from '../../run/readings.ts'
import { checkFile } from '../argument.ts'
import type { SensorProvider, StreamingOptions, StreamingSensor } from '../sensor.ts'

/** How often what is due is handed on. */
const tickMs = 50

interface ReplayOptions extends Partial<StreamingOptions> {
  readonly argument?: string
}

export const replay: SensorProvider = {
  id: 'replay',
  summary: 'Replay of recorded readings',
  gives: { text: 'the readings of a recording, for tests and for machines without sensors', what: 'replay' },
  argument: { name: 'FILE', required: true, check: checkFile },
  flow: 'streaming',
  open: async (host, options) => {
    const given = (options ?? {}) as ReplayOptions
    const recording = load(host, given)
    if (!recording.ok) return absent(recording.error.reason, recording.error.remedy)
    const { clock = (): number => host.now(), watched } = given
    return { ok: true, sensor: replayOf(recording.value, clock, watched), note: recording.value.about }
  },
}

function load(host: Host, { argument }: ReplayOptions): Result<Readings, Absence> {
  if (argument === undefined) return fail({ reason: 'no recording is named', remedy: '--sensors replay:FILE' })
  const text = host.readFile(argument)
  if (text === undefined) return fail({ reason: `${argument} cannot be read`, remedy: 'check the path' })
  const recording = readReadings(text)
  if (recording.ok) return recording
  return fail({
    reason: `${argument}: ${recording.error}`,
    remedy: 'write it again with `tailwatt show <run> --readings`',
  })
}

export function replayOf(recording: Readings, clock: () => number, watched?: SharedArrayBuffer): StreamingSensor {
  const { channel, t, value } = recording
  let next = 0
  let ended = false
  let shift: number | undefined
  let timer: NodeJS.Timeout | undefined
  let sink: StreamSink | undefined
  const put = (i: number, out: StreamSink): void => out.put(channel[i]!, t[i]! + shift!, value[i]!)
  const hand = (out: StreamSink): void => {
    shift ??= shiftOf(recording, clock, watched)
    if (shift === undefined) return
    const now = clock()
    for (; next < t.length && t[next]! + shift <= now; next++) put(next, out)
    if (next < t.length || ended) return
    ended = true
    clearInterval(timer)
    out.lost('the recording ends here')
  }
  return {
    channels: recording.channels.map((each) => ({ ...each, sensor: 'replay', origin: 'replayed' })),
    start: async (out) => {
      sink = out
      hand(out)
      timer = setInterval(() => hand(out), tickMs)
    },
    close: async () => {
      clearInterval(timer)
      // A recording that ends with the run is not lost.
      ended = true
      if (sink === undefined) return
      hand(sink)
      if (shift === undefined) return
      // Of each channel one reading more, so that the window's end lies between two as it did when it was recorded.
      const over = new Set<number>()
      for (let i = next; i < t.length && over.size < recording.channels.length; i++) {
        if (over.has(channel[i]!)) continue
        over.add(channel[i]!)
        put(i, sink)
      }
    },
  }
}

/** From the recording's clock to the run's; `undefined` until the target runs. Without a load it begins right away. */
function shiftOf({ from, t }: Readings, clock: () => number, watched?: SharedArrayBuffer): number | undefined {
  if (from === null || watched === undefined) return clock() - t[0]!
  if (Atomics.load(new Int32Array(watched), 0) === 0) return undefined
  return new Float64Array(watched, 8, 1)[0]! - from
}
