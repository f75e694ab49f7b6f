// The polled sensor over some graphics cards: each card is a list of readings, of which those are listed that answer when it
// is opened. A card that sleeps is not read, because reading would wake it; one that is gone ends its own channels.
import { absent } from '../../base/absence.ts'
import type { Channel } from '../../run/channel.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import type { SampleSink } from '../../run/ports.ts'
import type { Host } from '../../host/host.ts'
import type { Shape } from '../gpu-shapes.ts'
import { Counter, putTotal } from '../unwrapped-counter.ts'
import { type DrmCard, isAsleep, runtimeStatusPath } from './card.ts'
import { KeptFile } from '../../host/kept-file.ts'
import { orClose } from '../local-sensor.ts'
import type { Opened, PolledSensor } from '../sensor.ts'

export interface CardReading {
  readonly name: string
  readonly shape: Shape
  /** What it is about, when that is not the card. */
  readonly device?: string
  /** Name of the card's reading that this one lies within. */
  readonly within?: string
  /** Known to work without a trial. */
  readonly trial?: boolean
  /** `undefined`: nothing this time. @param at ns; left out at the trial */
  read(at?: number): number | undefined
  /** The card slept: differences to what was read before say nothing. */
  restart?(): void
}

export interface OpenedCard {
  readonly card: DrmCard
  readonly uuid: string
  readonly readings: readonly CardReading[]
  readonly lacks: readonly Unmeasured[]
  /** Reads what several readings share, once before them. @param full false when only joules and watts are read this time */
  refresh?(at: number, full: boolean): void
  close(): void
}

export interface CardOptions {
  /** One shared cell with the pid of the target, 0 while there is none. */
  readonly watched?: SharedArrayBuffer
}

export const asleepNow = (host: Host, card: DrmCard): boolean => isAsleep(host.readFile(runtimeStatusPath(card)))

/** ns between two readings of all there is: some drivers ask the card's firmware for each file. Joules and watts always. */
const fullNs = 20e6

const asleepReason = 'the GPU is asleep (runtime power management), and reading it would wake it'

/** @param about what is known of the cards, for the note */
export function openCards(
  sensor: string,
  host: Host,
  opened: readonly OpenedCard[],
  about: string,
): Opened<PolledSensor> {
  const asleep = opened.filter(({ card }) => asleepNow(host, card)).length
  const note = asleep === 0 ? about : `${about}; ${asleep} asleep, read from when it wakes`
  const readers: Reader[] = []
  let first = 0
  for (const card of opened) {
    const reader = new Reader(sensor, host, card, first)
    readers.push(reader)
    first += reader.channels.length
  }
  const close = (): void => readers.forEach((reader) => reader.close())
  return orClose(close, () =>
    first === 0
      ? absent('no card here gives a reading', 'look for what the driver says of it: sudo dmesg')
      : { ok: true, sensor: sensorOf(readers, close), note },
  )
}

const sensorOf = (readers: readonly Reader[], close: () => void): PolledSensor => ({
  channels: readers.flatMap(({ channels }) => channels),
  lacks: readers.flatMap(({ lacks }) => lacks),
  read: (at, out) => {
    const outcomes = new Set(readers.map((reader) => reader.read(at, out)))
    if (outcomes.has('ok')) return 'ok'
    if (outcomes.has('asleep') && !outcomes.has('failed')) throw new Error(asleepReason)
    return outcomes.has('failed') ? 'retry' : 'ended'
  },
  close,
})

class Reader {
  readonly channels: readonly Channel[]
  readonly lacks: readonly Unmeasured[]
  readonly #card: OpenedCard
  readonly #host: Host
  readonly #first: number
  readonly #status: KeptFile
  readonly #readings: readonly CardReading[]
  readonly #counters: readonly (Counter | undefined)[]
  #asleep = false
  #gone = false
  #fullAt = Number.NEGATIVE_INFINITY

  constructor(sensor: string, host: Host, opened: OpenedCard, first: number) {
    this.#host = host
    this.#card = opened
    this.#first = first
    this.#status = new KeptFile(host, runtimeStatusPath(opened.card))
    const asleep = asleepNow(host, opened.card)
    const { uuid } = opened
    this.#readings = opened.readings.filter((reading) => reading.trial || asleep || reading.read() !== undefined)
    this.#counters = this.#readings.map(({ shape }) => (shape.kind === 'counter' ? counterOf(shape) : undefined))
    const id = (name: string): string => `${sensor}/${uuid}/${name}`
    const names = new Set(this.#readings.map(({ name }) => name))
    this.channels = this.#readings.map(({ name, shape, device, within }) => ({
      ...shape,
      id: id(name),
      sensor,
      device: device ?? uuid,
      ...(within !== undefined && names.has(within) ? { parent: id(within) } : {}),
    }))
    this.lacks = [
      ...opened.lacks,
      ...(asleep
        ? [
            {
              what: id('awake'),
              reason: `when the run began ${asleepReason}: it is read from when it wakes, and what it draws before is not measured`,
              remedy: `echo on | sudo tee ${opened.card.device}/power/control keeps it awake`,
            },
          ]
        : []),
    ]
  }

  read(at: number, out: SampleSink): 'ok' | 'asleep' | 'failed' | 'gone' {
    if (this.#gone) return 'gone'
    if (isAsleep(this.#status.text())) {
      if (!this.#asleep) this.#markUnknown(at, out)
      this.#asleep = true
      return 'asleep'
    }
    if (this.#asleep) for (const reading of this.#readings) reading.restart?.()
    this.#asleep = false
    const full = at >= this.#fullAt
    if (full) this.#fullAt = at + fullNs
    this.#card.refresh?.(at, full)
    let read = 0
    this.#readings.forEach((reading, index) => {
      if (!full && !isPower(reading)) return
      const value = reading.read(at)
      if (value === undefined || !Number.isFinite(value)) return
      read++
      putTotal(this.#counters[index], value, at, (t, total) => out.put(this.#first + index, t, total))
    })
    if (read > 0 || (!full && !this.#readings.some(isPower))) return 'ok'
    this.#gone = !this.#host.exists(this.#card.card.device)
    return this.#gone ? 'gone' : 'failed'
  }

  close(): void {
    this.#status.close()
    this.#card.close()
  }

  #markUnknown(at: number, out: SampleSink): void {
    this.#readings.forEach(({ shape }, index) => {
      if (isPower({ shape })) out.put(this.#first + index, at, Number.NaN)
    })
  }
}

export const isPower = ({ shape }: Pick<CardReading, 'shape'>): boolean =>
  shape.quantity === 'energy' || shape.quantity === 'power'

/** W: several times what any card draws. */
const mostWatts = 10_000

/**
 * A reset card's counter falls, or jumps because the driver took the reset for a wrap. A second's energy is allowed at once:
 * some counters move no more often.
 */
const counterOf = ({ quantity }: Shape): Counter =>
  new Counter(quantity === 'energy' ? { most: { perSecond: mostWatts, atOnce: mostWatts } } : {})
