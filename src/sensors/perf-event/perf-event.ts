// The kernel's performance counters: of the target's tasks, of the host where that is allowed, and the traffic of its
// memory controllers. Counts, never samples. What is refused says why and what allows it.
import type { Host } from '../../host/host.ts'
import { loadPerf, perfRefusal, type PerfCalls, type Refusal } from '../../host/perf-event.ts'
import { ReadBudget } from '../../host/read-budget.ts'
import type { Channel } from '../../run/channel.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import type { SampleSink } from '../../run/ports.ts'
import { localSensor } from '../local-sensor.ts'
import type { Opened, PolledSensor, SensorProvider } from '../sensor.ts'
import { countChannels, putCounts, trafficChannel } from './channels.ts'
import { corePmus, faults, switches, taskClock, taskSets, topDown } from './events.ts'
import { formGroups, type EventGroup, type Opening, type RefusedEvent } from './groups.ts'
import { openHostEvents } from './host-events.ts'
import { openMemoryTraffic } from './memory-traffic.ts'
import { noMemoryControllers, noTopDown, refusalRows, userModeOnly } from './refusals.ts'
import { countTotals } from './scaled-counts.ts'
import { Tasks } from './tasks.ts'

export interface PerfEventOptions {
  /** One shared cell with the pid of the target, 0 while there is none. */
  readonly watched?: SharedArrayBuffer
}

export const perfEvent: SensorProvider = localSensor<PerfEventOptions>({
  id: 'perf-event',
  summary: 'performance counters of the kernel',
  gives: {
    text: 'task clock, switches, migrations, page faults, instructions, cycles, cache and branch misses, top-down; of the host also memory traffic',
    what: 'cpu_counters',
  },
  platforms: ['linux'],
  open: (host, options) => openPerfEvents(host, options),
})

export function openPerfEvents(host: Host, options: PerfEventOptions = {}): Opened<PolledSensor> {
  const loaded = loadPerf(host)
  if (!loaded.ok) return loaded
  const { perf } = loaded
  const allowed = reachOf(host, perf)
  if (!allowed.ok) return allowed
  const { opening } = allowed
  const target = formTaskGroups(host, opening)
  if (target.groups[0]?.events[0]?.name !== taskClock.name)
    return { ok: false, reason: 'the task clock cannot be read', remedy: 'compare with `perf stat -e task-clock true`' }
  const onHost = openHostEvents(host, perf, corePmus(host))
  const memory = openMemoryTraffic(host, perf)
  const totals = target.groups.map(({ events }) => countTotals(events.length))
  const taskChannels = target.groups.map(({ events }) => countChannels('target', events))
  const hostChannels = onHost.groups.map(({ events }) => countChannels('host', events))
  const channels: readonly Channel[] = [
    ...taskChannels.flat(),
    ...hostChannels.flat(),
    ...memory.traffic.map(({ direction }) => trafficChannel(direction)),
  ]
  if (channels.length === 0) return { ok: false, ...countsNothing }
  const lacks: Unmeasured[] = [
    ...(opening.userOnly ? [userModeOnly(allowed.why)] : []),
    ...refusalRows(host, 'target', target.refused, opening.userOnly ? 'user' : 'process'),
    ...target.lacks,
    ...refusalRows(host, 'host', [...onHost.refused, ...memory.refused], 'host'),
    ...(memory.source === undefined ? [noMemoryControllers(host)] : []),
  ]
  const cell = options.watched && new Int32Array(options.watched)
  const budget = new ReadBudget()
  let pid = 0
  let tasks: Tasks | undefined
  const follow = (): void => {
    const asked = cell ? Atomics.load(cell, 0) : 0
    if (asked === pid) return
    tasks?.close()
    pid = asked
    tasks = pid > 0 ? new Tasks(host, opening, target.groups, { pid, lacks }) : undefined
  }
  const readHost = (at: number, out: SampleSink): void => {
    let first = taskChannels.flat().length
    for (const [i, group] of onHost.groups.entries()) {
      if (group.read()) putCounts(out, first, at, group.events, group.totals)
      first += hostChannels[i]!.length
    }
    for (const traffic of memory.traffic) {
      const bytes = traffic.read()
      if (bytes !== undefined) out.put(first, at, bytes)
      first++
    }
  }
  const hostWide = onHost.groups.length + memory.traffic.length > 0
  return {
    ok: true,
    note: noteOf(opening, target.groups, onHost.groups, memory.source),
    sensor: {
      channels,
      lacks,
      read: (at, out) => {
        follow()
        if (tasks?.read(totals)) {
          let first = 0
          for (const [i, { events }] of target.groups.entries()) {
            putCounts(out, first, at, events, totals[i]!)
            first += taskChannels[i]!.length
          }
        }
        const begun = host.now()
        if (hostWide && budget.due(begun)) {
          readHost(at, out)
          budget.spent(begun, host.now())
        }
        if (tasks?.barred && !hostWide) throw new Error(lacks.at(-1)?.reason ?? 'the process is gone')
        return 'ok'
      },
      close: () => {
        tasks?.close()
        for (const group of onHost.groups) group.close()
        for (const traffic of memory.traffic) traffic.close()
      },
    },
  }
}

const countsNothing: Refusal = {
  reason: 'the kernel opens events and counts none of them',
  remedy: 'compare with `perf stat true`',
}

type Allowed =
  | { readonly ok: true; readonly opening: Opening; readonly why: Refusal | undefined }
  | ({ readonly ok: false } & Refusal)

const EPERM = 1
const EACCES = 13
const self = { pid: 0, cpu: -1 }

/** Whether tasks may be counted with their kernel time, without it, or not at all: what the task clock is allowed. */
function reachOf(host: Host, perf: PerfCalls): Allowed {
  const refused = (userOnly: boolean): number => {
    const fd = perf.open({ ...taskClock, inherit: true, grouped: true, userOnly }, self)
    if (fd >= 0) perf.close(fd)
    return Math.min(0, fd)
  }
  const whole = refused(false)
  if (whole === 0) return { ok: true, opening: { perf, inherit: true, userOnly: false }, why: undefined }
  if (whole === -EACCES || whole === -EPERM) {
    const user = refused(true)
    if (user === 0)
      return {
        ok: true,
        opening: { perf, inherit: true, userOnly: true },
        why: perfRefusal(host, -whole, 'process'),
      }
    return { ok: false, ...perfRefusal(host, -user, 'user') }
  }
  return { ok: false, ...perfRefusal(host, -whole, 'user') }
}

/** The groups each task gets, found out on this thread; the first has the task clock. */
function formTaskGroups(
  host: Host,
  opening: Opening,
): {
  readonly groups: readonly EventGroup[]
  readonly refused: readonly RefusedEvent[]
  readonly lacks: readonly Unmeasured[]
} {
  const pmus = corePmus(host)
  const software = [taskClock, ...(opening.userOnly ? [] : switches), ...faults]
  const groups = [...formGroups(opening, software, [undefined], self).groups]
  if (groups.length === 0) return { groups, refused: [], lacks: [] }
  const refused: RefusedEvent[] = []
  for (const set of taskSets) {
    const formed = formGroups(opening, set, pmus, self)
    groups.push(...formed.groups)
    refused.push(...formed.refused)
    // Where nothing counts cycles, no other count is believed.
    const dead = formed.refused.find(({ name, why }) => name === 'cycles' && why === 'still')
    if (!dead) continue
    const names = taskSets.flat().map(({ name }) => name)
    return { groups: groups.slice(0, 1), refused: names.map((name) => ({ name, why: 'still' })), lacks: [] }
  }
  if (refused.length === taskSets.flat().length) return { groups, refused, lacks: [] }
  const levels = topDown(host)
  if (!levels) return { groups, refused, lacks: [noTopDown] }
  const formed = formGroups(opening, levels.events, [undefined], self)
  // Parts of the slots without the slots are no shares.
  if (formed.groups.length === 1 && formed.refused.length === 0) groups.push(...formed.groups)
  else refused.push({ name: 'top-down', why: formed.refused[0]?.why ?? 'no turn' })
  return { groups, refused, lacks: [] }
}

function noteOf(
  { userOnly }: Opening,
  groups: readonly EventGroup[],
  onHost: readonly unknown[],
  memory: string | undefined,
): string {
  const hardware = groups.slice(1).reduce((sum, { events }) => sum + events.length, 0)
  return [
    `${groups[0]?.events.length ?? 'no'} software and ${hardware === 0 ? 'no' : hardware} hardware events of the target`,
    ...(userOnly ? ['user mode only'] : []),
    ...(onHost.length > 0 ? ['host-wide too'] : []),
    ...(memory === undefined ? [] : [`memory traffic from ${memory}`]),
  ].join('; ')
}
