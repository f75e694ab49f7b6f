// Watts for the live line: the latest readings of the outermost channels, added up. The run's own figures come from the
// analysis, not from here.
import { moduleTest, oneSet } from '../../analysis/energy/double-counting.ts'
import type { Channel } from '../../run/channel.ts'
import type { SampleChunk } from '../../run/table.ts'

/** A counter that stands still for longer does not tell the power of now, ns. */
const longestStep = 2e9

interface Last {
  readonly channel: Channel
  t: number
  value: number
  watts: number
}

export class LivePower {
  readonly #last: readonly Last[]
  readonly #used: readonly number[]
  /** What the platform counter holds: it shows whether a GPU lies beside that. */
  readonly #held: readonly number[]

  constructor(channels: readonly Channel[]) {
    this.#last = channels.map((channel) => ({ channel, t: Number.NaN, value: Number.NaN, watts: Number.NaN }))
    const powers = channels.filter(({ quantity, check }) => (quantity === 'energy' || quantity === 'power') && !check)
    const ofPower = new Set(powers)
    const prompt = new Set(powers.filter(({ kind }) => kind !== 'average').map(deviceOf))
    // An average lags: it counts where the device shows nothing else.
    const shown = (channel: Channel): boolean =>
      ofPower.has(channel) && (channel.kind !== 'average' || !prompt.has(deviceOf(channel)))
    const speakers = new Map<string, string>()
    for (const channel of channels)
      if (shown(channel) && channel.bound === undefined && !speakers.has(channel.scope))
        speakers.set(channel.scope, channel.sensor)
    // What lies within a device, or nobody knows where, is in no sum; of what a host has one set of, one sensor speaks.
    const counted = (channel: Channel): boolean =>
      shown(channel) &&
      summed.has(channel.scope) &&
      (channel.bound !== undefined || !oneSet.has(channel.scope) || speakers.get(channel.scope) === channel.sensor)
    // A meter at the wall, else one of the whole system, holds all that the others see.
    const outermost = (['wall', 'system'] as const).find((scope) =>
      channels.some((channel) => channel.scope === scope && channel.quantity === 'power' && counted(channel)),
    )
    const devices = new Set(
      channels.filter((channel) => channel.quantity === 'energy' && channel.bound === undefined).map(deviceOf),
    )
    const outers = channels.filter((channel) => counted(channel) && channel.scope !== 'psys')
    const ids = new Set(outers.map(({ id }) => id))
    const onAModule = moduleTest(outers.filter(({ scope }) => scope === 'module'))
    // A counter is better than the same device's gauge, and a channel inside a counted one is not counted again.
    const outer = channels.flatMap((channel, index) => {
      if (!counted(channel)) return []
      // Its counter's steps are too coarse for a live line.
      if (outermost !== undefined) return channel.scope === outermost && channel.quantity === 'power' ? [index] : []
      if (channel.quantity === 'power' && channel.bound === undefined && devices.has(deviceOf(channel))) return []
      const inside = (channel.parent !== undefined && ids.has(channel.parent)) || onAModule(channel)
      return inside ? [] : [index]
    })
    const platform = outer.some((index) => channels[index]!.scope === 'psys')
    this.#held = platform ? outer.filter((index) => ofProcessor.has(channels[index]!.scope)) : []
    this.#used = outer.filter((index) => !this.#held.includes(index))
  }

  add(chunk: SampleChunk): void {
    for (let i = 0; i < chunk.length; i++) {
      const last = this.#last[chunk.channel[i]!]
      if (!last) continue
      const t = chunk.t[i]!
      const value = chunk.value[i]!
      if (last.channel.quantity === 'power') last.watts = value
      else if (last.channel.kind === 'counter') {
        // One that is read more often than it updates repeats itself: its power is that between two changes.
        if (value === last.value && t - last.t < longestStep) continue
        if (t > last.t) last.watts = value === last.value ? Number.NaN : (value - last.value) / ((t - last.t) / 1e9)
      }
      last.t = t
      last.value = value
    }
  }

  /** `undefined` until something was read. Measured channels win over the model's range; the two are never added. */
  watts(): { readonly low: number; readonly high: number; readonly grade: string } | undefined {
    const known = (of: readonly number[]): readonly Last[] =>
      of.map((index) => this.#last[index]!).filter((last) => Number.isFinite(last.watts))
    const used = known(this.#used)
    const sum = (rows: readonly Last[]): number => rows.reduce((total, row) => total + row.watts, 0)
    const read = used.filter((last) => last.channel.bound === undefined)
    if (read.length > 0) {
      const platform = read.filter(({ channel }) => channel.scope === 'psys')
      const beside = read.filter(({ channel }) => channel.scope !== 'psys')
      // Whether psys holds a graphics card differs from board to board (see balance.ts).
      const holdsAll = platform.length > 0 && sum(platform) >= sum(known(this.#held)) + sum(beside)
      const measured = holdsAll ? platform : read
      const grade = measured
        .map((last) => last.channel.grade ?? 'C')
        .sort()
        .at(-1)!
      return { low: sum(measured), high: sum(measured), grade }
    }
    const low = used.filter((last) => last.channel.bound === 'low')
    const high = used.filter((last) => last.channel.bound === 'high')
    return low.length > 0 && high.length > 0 ? { low: sum(low), high: sum(high), grade: 'D' } : undefined
  }
}

/** Scopes that may be a part of the sum. */
const summed: ReadonlySet<string> = new Set(['wall', 'system', 'psys', 'module', 'package', 'dram', 'gpu'])
const ofProcessor: ReadonlySet<string> = new Set(['package', 'dram'])

const deviceOf = (channel: Channel): string => `${channel.scope}/${channel.device ?? ''}`
