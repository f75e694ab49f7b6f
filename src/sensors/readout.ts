// Sensors that are files of numbers: each file stays open, what it shows is checked before it is believed, and what a group
// of files costs to read decides how often it is read. Knows nothing of what the numbers mean.
import { openOrUndefined, textOf } from '../host/open-file.ts'
import type { Host, OpenFile } from '../host/host.ts'
import { ReadBudget } from '../host/read-budget.ts'
import type { Channel } from '../run/channel.ts'
import type { Unmeasured } from '../run/manifest.ts'
import type { SampleSink } from '../run/ports.ts'
import type { PolledSensor } from './sensor.ts'

/** One channel and where its readings come from. */
export interface Readout {
  readonly channel: Channel
  /** False when there was no reading. */
  put(index: number, at: number, out: SampleSink): boolean
  close(): void
}

/** What is read together, and costs together: the files of one driver. */
export type ReadoutGroup = readonly Readout[]

/** A file that holds a whole number. */
export class NumberFile {
  #file: OpenFile | undefined

  constructor(host: Host, path: string) {
    this.#file = openOrUndefined(host, path)
  }

  /** `undefined` where it cannot be read or holds anything else. */
  read(): number | undefined {
    const text = this.#file && textOf(this.#file)
    return text !== undefined && /^-?\d{1,18}$/.test(text) ? Number(text) : undefined
  }

  close(): void {
    this.#file?.close()
    this.#file = undefined
  }
}

/** @param read a value in the channel's unit; `undefined` for none this time. It is tried once: `undefined` if it fails. */
export function gaugeReadout(
  channel: Channel,
  read: () => number | undefined,
  close: () => void = () => undefined,
): Readout | undefined {
  if (read() === undefined) {
    close()
    return undefined
  }
  return {
    channel,
    close,
    put: (index, at, out) => {
      const value = read()
      if (value === undefined) return false
      out.put(index, at, value)
      return true
    },
  }
}

/**
 * A counter that does not wrap. A fall is a new beginning, whose interval nobody knows (NaN); a rise of more than `most` a
 * second, and what a counter cannot show, is no reading, unless the next goes on from there: then it is a new beginning too.
 */
export function counterReadout(
  channel: Channel,
  read: () => number | undefined,
  most: number,
  close: () => void = () => undefined,
): Readout | undefined {
  if (read() === undefined) {
    close()
    return undefined
  }
  interface Shown {
    readonly raw: number
    readonly at: number
  }
  let last: Shown | undefined
  let doubted: Shown | undefined
  let total = 0
  const leaps = (from: Shown | undefined, raw: number, at: number): boolean =>
    from !== undefined && raw - from.raw > (most * Math.max(0, at - from.at)) / 1e9 + 1
  return {
    channel,
    close,
    put: (index, at, out) => {
      const raw = read()
      if (raw === undefined || raw < 0) return false
      const goesOn = doubted !== undefined && raw >= doubted.raw && !leaps(doubted, raw, at)
      if (!goesOn && leaps(last, raw, at)) {
        doubted = { raw, at }
        return false
      }
      if (goesOn || (last && raw < last.raw)) out.put(index, at - 1, Number.NaN)
      else total += raw - (last?.raw ?? raw)
      last = { raw, at }
      doubted = undefined
      out.put(index, at, total)
      return true
    },
  }
}

export function readoutSensor(
  host: Host,
  groups: readonly ReadoutGroup[],
  lacks: readonly Unmeasured[] = [],
): PolledSensor {
  let first = 0
  const placed = groups.map((readouts) => {
    const group = { readouts, first, budget: new ReadBudget() }
    first += readouts.length
    return group
  })
  return {
    channels: groups.flat().map(({ channel }) => channel),
    lacks,
    read: (at, out) => {
      // A group that waits its turn is no failure.
      let fine = false
      for (const { readouts, first, budget } of placed) {
        const begin = host.now()
        if (!budget.due(begin)) {
          fine = true
          continue
        }
        for (let i = 0; i < readouts.length; i++) if (readouts[i]!.put(first + i, at, out)) fine = true
        budget.spent(begin, host.now())
      }
      return fine ? 'ok' : 'retry'
    },
    close: () => groups.forEach((readouts) => readouts.forEach((readout) => readout.close())),
  }
}

/** Names made fit for a channel's id, a number behind those that come again. */
export class Names {
  readonly #seen = new Map<string, number>()

  of(text: string): string {
    const name = text.trim().replace(/[^\w.:-]+/g, '-') || 'unnamed'
    const count = (this.#seen.get(name) ?? 0) + 1
    this.#seen.set(name, count)
    return count === 1 ? name : `${name}-${count}`
  }
}
