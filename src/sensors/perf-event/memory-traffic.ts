// Bytes between memory and its controllers, of the whole host: Intel's integrated memory controllers by the events that
// sysfs names, AMD's by numbers that it does not (tools/perf/pmu-events/arch/x86/amdzen*: 64 bytes an event).
import type { Host } from '../../host/host.ts'
import type { PerfCalls } from '../../host/perf-event.ts'
import { findPmu, pmuEvent, pmuEventNames, pmuFolder, type Pmu, type PmuEvent } from '../../host/perf-pmu.ts'
import type { RefusedEvent } from './groups.ts'
import { countTotals, ScaledCounts } from './scaled-counts.ts'

export type Direction = 'memory-read' | 'memory-write' | 'memory-traffic'

interface Counter {
  readonly direction: Direction
  readonly pmu: Pmu
  readonly event: PmuEvent
  readonly bytes: number
}

/** One direction, over all controllers. */
export interface Traffic {
  readonly direction: Direction
  /** Bytes since opening; undefined when one of the controllers cannot be read. */
  read(): number | undefined
  close(): void
}

export interface MemoryTraffic {
  readonly traffic: readonly Traffic[]
  readonly refused: readonly RefusedEvent[]
  /** What stands for the controllers; undefined where the host shows none. */
  readonly source: string | undefined
}

export function openMemoryTraffic(host: Host, perf: PerfCalls): MemoryTraffic {
  const { source, counters } = findCounters(host)
  const traffic: Traffic[] = []
  const refused: RefusedEvent[] = []
  for (const direction of ['memory-read', 'memory-write', 'memory-traffic'] as const) {
    const own = counters.filter((counter) => counter.direction === direction)
    if (own.length === 0) continue
    const opened = openCounters(perf, own)
    if (typeof opened === 'number') refused.push({ name: direction, why: opened })
    else traffic.push({ direction, ...opened })
  }
  return { traffic, refused, source }
}

const lineBytes = 64
const mebibyte = 2 ** 20

/** Of several ways to count the same bytes the first. */
function findCounters(host: Host): { readonly source: string | undefined; readonly counters: readonly Counter[] } {
  const names = host.list(pmuFolder)
  const named = (pattern: RegExp, read: RegExp, write: RegExp): readonly Counter[] =>
    names
      .filter((name) => pattern.test(name))
      .flatMap((name) =>
        pmuEventNames(host, name).flatMap((event) => {
          const direction = read.test(event) ? 'memory-read' : write.test(event) ? 'memory-write' : undefined
          return direction ? sysfsCounter(host, name, event, direction) : []
        }),
      )
  const numbered = (pattern: RegExp, events: readonly (readonly [Direction, string])[]): readonly Counter[] =>
    names
      .filter((name) => pattern.test(name))
      .flatMap((name) => events.flatMap(([direction, terms]) => amdCounter(host, name, terms, direction)))
  const ways: readonly (readonly [string, () => readonly Counter[]])[] = [
    ['uncore_imc', () => named(/^uncore_imc(?:_\d+)?$/, /^cas_count_read(?:_sch\d)?$/, /^cas_count_write(?:_sch\d)?$/)],
    ['uncore_imc', () => named(/^uncore_imc(?:_\d+)?$/, /^data_reads?$/, /^data_writes?$/)],
    [
      'uncore_imc_free_running',
      () => named(/^uncore_imc_free_running(?:_\d+)?$/, /^(?:data_)?reads?$/, /^(?:data_)?writes?$/),
    ],
    [
      'amd_umc',
      () =>
        numbered(/^amd_umc(?:_\d+)?$/, [
          ['memory-read', 'event=0x0a,rdwrmask=0x1'],
          ['memory-write', 'event=0x0a,rdwrmask=0x2'],
        ]),
    ],
    ['amd_df', () => (hasOldFabric(host) ? numbered(/^amd_df$/, fabricChannels) : [])],
  ]
  for (const [source, find] of ways) {
    const counters = find()
    if (counters.length > 0) return { source, counters }
  }
  return { source: undefined, counters: [] }
}

function sysfsCounter(host: Host, name: string, eventName: string, direction: Direction): readonly Counter[] {
  const pmu = findPmu(host, name)
  const event = pmu && pmuEvent(host, name, { name: eventName })
  // Bytes of a unit that is not known are not guessed.
  return event && event.unit === 'MiB' ? [{ direction, pmu, event, bytes: event.scale * mebibyte }] : []
}

function amdCounter(host: Host, name: string, terms: string, direction: Direction): readonly Counter[] {
  const pmu = findPmu(host, name)
  const event = pmu && pmuEvent(host, name, { terms })
  return event ? [{ direction, pmu, event, bytes: lineBytes }] : []
}

/** Requests with data of the data fabric's eight DRAM channels, Zen to Zen 3; reads and writes together. */
const fabricChannels = Array.from(
  { length: 8 },
  (_, channel) => ['memory-traffic', `event=${0x07 + 0x40 * channel},umask=0x38`] as const,
)

/** Later fabrics number their events otherwise, and have `amd_umc`. */
const hasOldFabric = (host: Host): boolean =>
  host.readFile(`${pmuFolder}/amd_df/format/event`)?.trim() === 'config:0-7,32-35,59-60'

function openCounters(perf: PerfCalls, counters: readonly Counter[]): Omit<Traffic, 'direction'> | number {
  const open: { readonly fd: number; readonly bytes: number; readonly latest: ScaledCounts }[] = []
  const close = (): void => open.splice(0).forEach(({ fd }) => perf.close(fd))
  for (const { pmu, event, bytes } of counters) {
    for (const cpu of pmu.cpus ?? [0]) {
      const { config, config1, config2 } = event
      const fd = perf.open({ type: pmu.type, config, config1, config2 }, { pid: -1, cpu })
      if (fd < 0) {
        close()
        return -fd
      }
      open.push({ fd, bytes, latest: new ScaledCounts(1) })
    }
  }
  const value = new Float64Array(1)
  const totals = open.map(() => countTotals(1))
  return {
    read: () => {
      let sum = 0
      for (let i = 0; i < open.length; i++) {
        const { fd, bytes, latest } = open[i]!
        const reading = perf.read(fd)
        if (!reading) return undefined
        value[0] = Number(reading.value)
        latest.add(value, reading.enabled, reading.running, totals[i]!)
        sum += totals[i]!.counts[0]! * bytes
      }
      return sum
    },
    close,
  }
}
