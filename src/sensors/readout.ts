// Sensors that are files of numbers: each file stays open, what it shows is checked before it is believed, and what a group
// of files costs to read decides how often it is read. Knows nothing of what the numbers mean.
import type { Host } from '../host/host.ts'
import { openOnce } from '../host/kept-file.ts'
import { ReadBudget } from '../host/read-budget.ts'
import type { Channel } from '../run/channel.ts'
import type { Unmeasured } from '../run/manifest.ts'
import type { SampleSink } from '../run/ports.ts'
import { Counter, putTotal } from './unwrapped-counter.ts'
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

type Read = () => number | undefined

/**
 * @param channel or what makes it, once it is known that there is a reading
 * @param read a value in the channel's unit; `undefined` for none this time. It is tried once: `undefined` if it fails.
 */
export function gaugeReadout(channel: Channel | (() => Channel), read: Read, close: () => void): Readout | undefined {
  if (read() === undefined) {
    close()
    return undefined
  }
  return {
    channel: typeof channel === 'function' ? channel() : channel,
    close,
    put: (index, at, out) => {
      const value = read()
      if (value === undefined) return false
      out.put(index, at, value)
      return true
    },
  }
}

/** A gauge that is one file. @param value of what the file shows, NaN where that is no number */
export function fileReadout(
  host: Host,
  path: string,
  channel: Channel | (() => Channel),
  value: (shown: number) => number | undefined,
): Readout | undefined {
  const file = openOnce(host, path)
  const read = (): number | undefined => value(file?.number() ?? Number.NaN)
  return gaugeReadout(channel, read, () => file?.close())
}

/** A counter that does not wrap. @param most it can rise a second */
export function counterReadout(channel: Channel, read: Read, most: number, close: () => void): Readout | undefined {
  const readout = gaugeReadout(channel, read, close)
  const counter = new Counter({ most: { perSecond: most, atOnce: 1 } })
  return (
    readout && {
      ...readout,
      put: (index, at, out) => {
        const raw = read()
        // What a counter cannot show is no reading.
        if (raw === undefined || raw < 0) return false
        return putTotal(counter, raw, at, (t, total) => out.put(index, t, total))
      },
    }
  )
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
