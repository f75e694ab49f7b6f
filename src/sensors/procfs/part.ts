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
  /** By channel what it shows; `undefined`, or left out at the end, what could not be read. */
  read(): readonly (number | undefined)[]
  close(): void
}

/** What this host does not have. */
export const missing = (row: Unmeasured): Part => ({
  channels: [],
  lacks: [row],
  read: () => [],
  close: () => undefined,
})

type Kind = Pick<Channel, 'quantity' | 'unit' | 'kind'>

export const seconds: Kind = { quantity: 'time', unit: 's', kind: 'counter' }
export const times: Kind = { quantity: 'count', unit: '1', kind: 'counter' }
const bytes: Kind = { quantity: 'bytes', unit: 'B', kind: 'counter' }
export const memory: Kind = { quantity: 'memory', unit: 'B', kind: 'gauge' }

const scopes: Readonly<Record<ChannelSubject, Scope>> = {
  host: 'host',
  cgroup: 'cgroup',
  target: 'process',
  tailwatt: 'process',
}

/** @param name in its id; left out: its role */
export const channel = (subject: ChannelSubject, role: ChannelRole, kind: Kind, name: string = role): Channel => ({
  id: `procfs/${subject === 'tailwatt' ? 'self' : subject}/${name}`,
  sensor: 'procfs',
  scope: scopes[subject],
  role,
  subject,
  ...kind,
})

export const diskChannels = (subject: ChannelSubject): readonly Channel[] =>
  (['disk-read', 'disk-written'] as const).map((role) => channel(subject, role, bytes))

/** @param pattern has the number as its group @param per how many of the file's unit make one of the channel's */
export function number(text: string, pattern: RegExp, per = 1): number | undefined {
  const [, found] = pattern.exec(text) ?? []
  return found === undefined ? undefined : Number(found) / per
}
