// All readings of a demo run: the sampler's at 10 Hz, of power sensors at 250 Hz while the sensors are learnt, and the
// meter's in its own time.
import { Random } from '../base/random.ts'
import type { Channel } from '../run/channel.ts'
import { allocateSamples, type SampleChunk } from '../run/table.ts'
import type { Board } from './board.ts'
import { hwmonSource, procfsSource, raplSource } from './host-sources.ts'
import { meterChannels, readMeter, type MeterTiming } from './meter-source.ts'
import { gpmSource, nvmlSource } from './nvml-source.ts'
import { perfSource } from './perf-source.ts'
import type { Source } from './source.ts'
import type { Truth } from './truth.ts'

const period = 100e6
const hurriedPeriod = 4e6

export interface Readings {
  readonly channels: readonly Channel[]
  readonly samples: readonly SampleChunk[]
  /** Between two reads of everything, ns. */
  readonly gaps: readonly number[]
  readonly meter: MeterTiming
}

export function readAll(board: Board, truth: Truth): Readings {
  const polled: readonly Source[] = [
    raplSource(truth),
    nvmlSource(board, truth),
    gpmSource(board, truth),
    hwmonSource(truth),
    procfsSource(truth),
    perfSource(truth),
  ]
  const rows = new Rows()
  const gaps = poll(polled, board, truth, rows)
  const metered = new Rows()
  const first = polled.reduce((sum, { channels }) => sum + channels.length, 0)
  const meter = readMeter(truth, board.seed, (channel, t, value) => metered.put(first + channel, t, value))
  return {
    channels: [...polled.flatMap(({ channels }) => channels), ...meterChannels],
    samples: [rows.chunk(), metered.chunk()],
    gaps,
    meter,
  }
}

function poll(sources: readonly Source[], board: Board, truth: Truth, rows: Rows): readonly number[] {
  const random = new Random(board.seed + 4)
  const { characterise, begin } = truth.schedule
  const gaps: number[] = []
  let last: number | undefined
  let planned = begin
  for (let at = begin; at < truth.end;) {
    const due = at >= planned
    let first = 0
    for (const { channels, power, read } of sources) {
      if (due || power) read(at, (channel, t, value) => rows.put(first + channel, t, value))
      first += channels.length
    }
    if (due) {
      if (last !== undefined) gaps.push(at - last)
      last = at
      planned += period
    }
    const hurried = at >= characterise.from && at < characterise.to
    const next = hurried ? Math.min(planned, at + hurriedPeriod) : planned
    // A thread that sleeps wakes a little late.
    at = next + 40e3 + 25e3 * random.exponential()
  }
  return gaps
}

class Rows {
  readonly #channel: number[] = []
  readonly #t: number[] = []
  readonly #value: number[] = []

  put(channel: number, t: number, value: number): void {
    this.#channel.push(channel)
    this.#t.push(t)
    this.#value.push(value)
  }

  chunk(): SampleChunk {
    const chunk = allocateSamples(this.#t.length)
    chunk.channel.set(this.#channel)
    chunk.t.set(this.#t)
    chunk.value.set(this.#value)
    return chunk
  }
}
