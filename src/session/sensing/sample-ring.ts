// The latest readings of all channels in memory of a fixed size: what live figures are computed from. The oldest rows
// give way to the newest; nothing is stored.
import { allocateColumn, allocateSamples, sampleColumns, type SampleChunk } from '../../run/table.ts'

export class SampleRing {
  readonly #capacity: number
  readonly #channel: SampleChunk['channel']
  readonly #t: SampleChunk['t']
  readonly #value: SampleChunk['value']
  /** Of each channel, its latest reading. */
  readonly #lastAt: Float64Array
  readonly #lastValue: Float64Array
  /** Of each channel, the time of its latest reading that was kept. */
  readonly #keptAt: Float64Array
  #written = 0
  #newest = Number.NEGATIVE_INFINITY

  constructor(channels: number, capacity: number) {
    this.#capacity = capacity
    this.#channel = allocateColumn(sampleColumns.channel, capacity)
    this.#t = allocateColumn(sampleColumns.t, capacity)
    this.#value = allocateColumn(sampleColumns.value, capacity)
    this.#lastAt = new Float64Array(channels).fill(Number.NEGATIVE_INFINITY)
    this.#lastValue = new Float64Array(channels).fill(Number.NaN)
    this.#keptAt = new Float64Array(channels).fill(Number.NEGATIVE_INFINITY)
  }

  get capacity(): number {
    return this.#capacity
  }
  get bytes(): number {
    return this.#channel.byteLength + this.#t.byteLength + this.#value.byteLength
  }
  /** Rows since the start; it only grows. */
  get written(): number {
    return this.#written
  }
  /** Time of the latest reading of any channel, ns; −∞ before the first. */
  get newest(): number {
    return this.#newest
  }

  /** Time (−∞ before the first) and value of a channel's latest reading. */
  last(channel: number): { readonly t: number; readonly value: number } {
    return { t: this.#lastAt[channel] ?? Number.NEGATIVE_INFINITY, value: this.#lastValue[channel] ?? Number.NaN }
  }

  /** @param keep which channels are worth their place; all when left out */
  add(chunk: SampleChunk, keep?: (channel: number) => boolean): void {
    for (let i = 0; i < chunk.length; i++) {
      const channel = chunk.channel[i]!
      const t = chunk.t[i]!
      this.#lastAt[channel] = t
      this.#lastValue[channel] = chunk.value[i]!
      if (t > this.#newest) this.#newest = t
      if (keep && !keep(channel)) continue
      this.#keptAt[channel] = t
      const slot = this.#written++ % this.#capacity
      this.#channel[slot] = channel
      this.#t[slot] = t
      this.#value[slot] = chunk.value[i]!
    }
  }

  /** The readings within [from, to], with the ones just before and after of each channel where they are there still. */
  between(from: number, to: number): SampleChunk {
    const oldest = Math.max(0, this.#written - this.#capacity)
    // Channels read before `from` are complete; a channel that ended long ago would make the search go to the oldest row.
    const missing = new Set<number>()
    this.#keptAt.forEach((t, channel) => void (t >= from && missing.add(channel)))
    let first = this.#written
    while (first > oldest && missing.size > 0) {
      first--
      const slot = first % this.#capacity
      if (this.#t[slot]! <= from) missing.delete(this.#channel[slot]!)
    }
    return this.#copy(first, to)
  }

  #copy(first: number, to: number): SampleChunk {
    const rows: number[] = []
    const closed = new Set<number>()
    for (let row = first; row < this.#written; row++) {
      const slot = row % this.#capacity
      const channel = this.#channel[slot]!
      if (closed.has(channel)) continue
      if (this.#t[slot]! >= to) closed.add(channel)
      rows.push(slot)
    }
    const chunk = allocateSamples(rows.length)
    rows.forEach((slot, i) => {
      chunk.channel[i] = this.#channel[slot]!
      chunk.t[i] = this.#t[slot]!
      chunk.value[i] = this.#value[slot]!
    })
    return chunk
  }
}
