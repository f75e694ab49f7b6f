// One sensor channel as a series in order of time. NaN marks an interval nobody knows; it is never bridged silently.
import type { Channel } from '../../run/channel.ts'
import type { Measured } from '../../run/source.ts'

export interface ChannelSeries {
  readonly channel: Channel
  readonly t: Float64Array
  readonly value: Float64Array
}

/** The readings of each channel, in order. */
export function channelSeries(measured: Measured): readonly ChannelSeries[] {
  const counts = new Uint32Array(measured.manifest.channels.length)
  for (const chunk of measured.samples) for (let i = 0; i < chunk.length; i++) counts[chunk.channel[i]!]!++
  const series = measured.manifest.channels.map((channel, index) => ({
    channel,
    t: new Float64Array(counts[index]!),
    value: new Float64Array(counts[index]!),
  }))
  counts.fill(0)
  for (const chunk of measured.samples) {
    for (let i = 0; i < chunk.length; i++) {
      const index = chunk.channel[i]!
      const into = series[index]
      if (!into) continue
      const at = counts[index]!++
      into.t[at] = chunk.t[i]!
      into.value[at] = chunk.value[i]!
    }
  }
  return series
}
