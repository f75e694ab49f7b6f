// Which channels say a thing, by role, subject and device; never by id.
import type { Channel } from '../../run/channel.ts'
import type { ChannelRole, ChannelSubject } from '../../run/channel-role.ts'

export interface Asked {
  readonly role: ChannelRole
  /** Left out: of a device itself, of nobody's use of it. */
  readonly subject?: ChannelSubject
  /** Left out: of no device. */
  readonly device?: string
}

export const hostCpuTime: Asked = { role: 'cpu-time', subject: 'host' }
export const targetCpuTime: Asked = { role: 'cpu-time', subject: 'target' }

const says = (channel: Channel, { role, subject, device }: Asked): boolean =>
  channel.role === role && channel.subject === subject && channel.device === device

export const rankOf = ({ rank = 0 }: Channel): number => rank

/** All that say it, the highest rank first, else in their order. */
export const byRole = <S extends { readonly channel: Channel }>(all: readonly S[], asked: Asked): readonly S[] =>
  all.filter(({ channel }) => says(channel, asked)).sort((a, b) => rankOf(b.channel) - rankOf(a.channel))

/** Index of the one that speaks; −1 where none says it. */
export function indexByRole(channels: readonly Channel[], asked: Asked): number {
  let best = -1
  for (let i = 0; i < channels.length; i++)
    if (says(channels[i]!, asked) && (best < 0 || rankOf(channels[i]!) > rankOf(channels[best]!))) best = i
  return best
}
