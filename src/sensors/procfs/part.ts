// The parts that the sensor is made of: each reads some files and says which of its channels this host does not have.
import type { ChannelRole, ChannelSubject } from '../../run/channel-role.ts'
import type { Channel, Scope } from '../../run/channel.ts'
import type { Unmeasured } from '../../run/manifest.ts'

export interface Part {
  readonly channels: readonly Channel[]
  /** It may grow when the target is followed. */
  readonly lacks: readonly Unmeasured[]
  /** The target's process, when it is known or another. */
  follow?(pid: number): void
  /** Puts what could be read, by the index within `channels`; what could not be is left out. */
  read(put: (index: number, value: number) => void): void
  close(): void
}

type Kind = Pick<Channel, 'quantity' | 'unit' | 'kind'>

export const seconds: Kind = { quantity: 'time', unit: 's', kind: 'counter' }
export const times: Kind = { quantity: 'count', unit: '1', kind: 'counter' }
export const bytes: Kind = { quantity: 'bytes', unit: 'B', kind: 'counter' }
export const memory: Kind = { quantity: 'memory', unit: 'B', kind: 'gauge' }

const scopes: Readonly<Record<ChannelSubject, Scope>> = {
  host: 'host',
  cgroup: 'cgroup',
  target: 'process',
  tailwatt: 'process',
}

export const channel = (subject: ChannelSubject, name: string, kind: Kind, role: ChannelRole): Channel => ({
  id: `procfs/${subject === 'tailwatt' ? 'self' : subject}/${name}`,
  sensor: 'procfs',
  scope: scopes[subject],
  role,
  subject,
  ...kind,
})
