// Events of the whole host: one group a CPU, summed. A CPU that refuses leaves no sum of the host.
import type { Host } from '../../host/host.ts'
import { cpuList } from '../../host/cpu-list.ts'
import type { Pmu } from '../../host/perf-pmu.ts'
import { faults, hostSet, switches, type CorePmus, type CountedEvent } from './events.ts'
import { formGroups, openAll, openGroup, type OpenGroup, type Opening, type RefusedEvent } from './groups.ts'
import { countTotals, type CountTotals } from './scaled-counts.ts'

/** One group of events on every CPU. */
export class HostGroup {
  readonly events: readonly CountedEvent[]
  readonly totals: CountTotals
  readonly #cpus: readonly OpenGroup[]

  constructor(events: readonly CountedEvent[], open: readonly OpenGroup[]) {
    this.events = events
    this.totals = countTotals(events.length)
    this.#cpus = open
  }

  read(): boolean {
    let all = true
    for (const open of this.#cpus) if (!open.read(this.totals)) all = false
    return all
  }

  close(): void {
    for (const open of this.#cpus) open.close()
  }
}

export interface HostEvents {
  readonly groups: readonly HostGroup[]
  readonly refused: readonly RefusedEvent[]
}

export function openHostEvents(host: Host, perf: Opening['perf'], pmus: CorePmus): HostEvents {
  const opening: Opening = { perf, userOnly: false, inherit: false }
  const cpus = cpuList(host.readFile('/sys/devices/system/cpu/online') ?? '0')
  const groups: HostGroup[] = []
  const refused: RefusedEvent[] = []
  const sets = [
    { events: [...switches, ...faults], of: (): CorePmus => [undefined] },
    { events: hostSet, of: (cpu: number): CorePmus => pmus.filter((pmu) => coversCpu(pmu, cpu)) },
  ]
  for (const { events, of } of sets) {
    const first = cpus[0] ?? 0
    const formed = formGroups(opening, events, of(first), { pid: -1, cpu: first })
    refused.push(...formed.refused)
    for (const group of formed.groups) {
      const onCpu = (cpu: number): OpenGroup | number =>
        openGroup(opening, { ...group, pmus: of(cpu) }, { pid: -1, cpu })
      const opened = openAll(cpus, onCpu)
      if (typeof opened === 'number') refused.push(...group.events.map(({ name }) => ({ name, why: opened })))
      else groups.push(new HostGroup(group.events, opened))
    }
  }
  return { groups, refused }
}

const coversCpu = (pmu: Pmu | undefined, cpu: number): boolean => pmu?.cpus === undefined || pmu.cpus.includes(cpu)
