// What is counted, and which events are to be counted at the same times: ratios are only sound within a group. Numbers:
// include/uapi/linux/perf_event.h.
import type { Host } from '../../host/host.ts'
import type { ChannelRole } from '../../run/channel-role.ts'
import { perfType, type PerfAttribute } from '../../host/perf-event.ts'
import { findPmu, pmuEvent, type Pmu } from '../../host/perf-pmu.ts'

export interface CountedEvent {
  /** The channel's role, and what its id ends with. */
  readonly name: ChannelRole
  readonly type: number
  readonly config: bigint
}

const software = (name: ChannelRole, config: bigint): CountedEvent => ({ name, type: perfType.software, config })
const hardware = (name: ChannelRole, config: bigint): CountedEvent => ({ name, type: perfType.hardware, config })
/** Cache in bits 0 to 7 (0 L1D, 2 LL), operation in 8 to 15 (0 read), result in 16 to 23 (0 access, 1 miss). */
const cache = (name: ChannelRole, config: bigint): CountedEvent => ({ name, type: perfType.cache, config })

/** The first is the leader, and tells whether a task ran at all. */
export const taskClock: CountedEvent = software('task-clock', 1n)
export const faults: readonly CountedEvent[] = [
  software('page-faults', 2n),
  software('page-faults-minor', 5n),
  software('page-faults-major', 6n),
]
/** They happen in the kernel: where only user mode may be counted they would read 0. */
export const switches: readonly CountedEvent[] = [software('context-switches', 3n), software('migrations', 4n)]

const cycles = [hardware('cycles', 0n), hardware('instructions', 1n)]
const caches = [hardware('cache-references', 2n), hardware('cache-misses', 3n)]

/** At most four that need a general counter, as many as an Intel core with hyper-threading has. */
export const taskSets: readonly (readonly CountedEvent[])[] = [
  [...cycles, hardware('branches', 4n), hardware('branch-misses', 5n)],
  [...caches, cache('l1d-loads', 0x0n), cache('l1d-load-misses', 0x1_0000n)],
  [
    cache('llc-loads', 0x2n),
    cache('llc-load-misses', 0x1_0002n),
    hardware('stalled-cycles-frontend', 7n),
    hardware('stalled-cycles-backend', 8n),
  ],
]
export const hostSet: readonly CountedEvent[] = [...cycles, ...caches]

/**
 * PMUs of the cores. A hybrid processor has one for each kind of core, and an event counts on one kind only; the others
 * have one, which need not be named.
 */
export type CorePmus = readonly (Pmu | undefined)[]

export function corePmus(host: Host): CorePmus {
  const kinds = ['cpu_core', 'cpu_atom', 'cpu_lowpower'].flatMap((name) => findPmu(host, name) ?? [])
  return kinds.length < 2 ? [undefined] : kinds
}

/** @param pmu of a hybrid processor: its type goes above the event's number (PERF_PMU_TYPE_SHIFT). */
export const attributeOn = ({ type, config }: CountedEvent, pmu: Pmu | undefined): PerfAttribute => ({
  type,
  config: pmu && type !== perfType.software && type < 4 ? config | (BigInt(pmu.type) << 32n) : config,
})

const slots = ['slots', 'topdown-retiring', 'topdown-bad-spec', 'topdown-fe-bound', 'topdown-be-bound'] as const

/**
 * Top-down level 1 of one thread: the slots of a core and how they were used (Ice Lake and later, performance cores). Of
 * older processors the kernel's events count whole cores with both threads, and are no thread's; E-cores have no slots.
 */
export function topDown(host: Host): { readonly events: readonly CountedEvent[]; readonly pmu: Pmu } | undefined {
  const pmu = findPmu(host, 'cpu_core') ?? findPmu(host, 'cpu')
  if (!pmu) return undefined
  const events = slots.map((name) => {
    const event = pmuEvent(host, pmu.name, { name })
    return event && { name, type: pmu.type, config: event.config }
  })
  return events.every((event) => event !== undefined) ? { events, pmu } : undefined
}
