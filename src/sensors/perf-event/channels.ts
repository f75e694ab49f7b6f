// Channels of what is counted: a counter for each event, and for a group that takes turns the two times that tell its share.
import { perfType } from '../../host/perf-event.ts'
import type { Channel } from '../../run/channel.ts'
import type { SampleSink } from '../../run/ports.ts'
import type { CountedEvent } from './events.ts'
import type { Direction } from './memory-traffic.ts'
import type { CountTotals } from './scaled-counts.ts'

const isSoftware = ({ type }: CountedEvent): boolean => type === perfType.software

/** /proc counts some of the same, thread by thread. */
const rank = 1

/** The events of one group; software events never have to wait, and have no times. */
export function countChannels(of: 'target' | 'host', events: readonly CountedEvent[]): readonly Channel[] {
  const scope = of === 'target' ? 'process' : 'host'
  type Rest = Pick<Channel, 'role' | 'quantity' | 'unit' | 'group' | 'rank'>
  const channel = (name: string, rest: Rest): Channel => ({
    id: `perf-event/${of}/${name}`,
    sensor: 'perf-event',
    kind: 'counter',
    scope,
    subject: of,
    ...rest,
  })
  const group = `perf-event/${of}/${events[0]!.name}`
  const time = { quantity: 'time', unit: 's' } as const
  const count = { quantity: 'count', unit: '1' } as const
  if (events.every(isSoftware))
    return events.map(({ name }) => channel(name, { ...(name === 'task-clock' ? time : count), role: name, rank }))
  return [
    ...events.map(({ name }) => channel(name, { ...count, role: name, group })),
    channel(`${events[0]!.name}/running`, { ...time, role: 'time-running', group }),
    channel(`${events[0]!.name}/enabled`, { ...time, role: 'time-enabled', group }),
  ]
}

/** Puts what {@link countChannels} describes, from channel `first` on. */
export function putCounts(
  out: SampleSink,
  first: number,
  at: number,
  events: readonly CountedEvent[],
  { counts, running, enabled }: CountTotals,
): void {
  for (let i = 0; i < events.length; i++)
    out.put(first + i, at, events[i]!.name === 'task-clock' ? counts[i]! / 1e9 : counts[i]!)
  if (events.every(isSoftware)) return
  out.put(first + events.length, at, running / 1e9)
  out.put(first + events.length + 1, at, enabled / 1e9)
}

export const trafficChannel = (direction: Direction): Channel => ({
  id: `perf-event/host/${direction}`,
  sensor: 'perf-event',
  quantity: 'bytes',
  unit: 'B',
  kind: 'counter',
  scope: 'host',
  role: direction,
  subject: 'host',
})
